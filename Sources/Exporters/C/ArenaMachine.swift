internal import Foundation
internal import Supernets
internal import Tensors

/// Computes a graph in the memory that a plan lays out, step by step as the C file does: what the plan is checked with.
struct ArenaMachine {
    let graph: InferenceGraph
    let plan: ArenaPlan
    let weights: CWeights
    /// How the input is normalised into the arena; nil where it is read as it is.
    let scaling: InputScaling?
    /// What puts outputs into units; nil where they stay.
    let targets: ModelDescription.Scaling?

    /// What lies where: the input, the output, then the arena.
    private var inputCount: Int { graph[graph.input].count }
    private var arenaStart: Int { inputCount + graph[graph.output].count }

    private func start(of value: InferenceGraph.Value) -> Int {
        switch plan.places[value.index] {
        case .input: 0
        case .output: inputCount
        case .arena(let offset): arenaStart + offset
        }
    }

    /// Whether every value lies in the memory that the plan states.
    var fits: Bool {
        graph.shapes.indices.allSatisfy { value in
            guard case .arena(let offset) = plan.places[value] else { return true }
            return offset >= 0 && offset + graph.shapes[value].count <= plan.activations
        }
    }

    /// The outputs of an example.
    func run(_ input: [Float]) -> [Float] {
        // What nobody has written is no number.
        var memory = input + [Float](repeating: .nan, count: arenaStart - inputCount + plan.count)
        if let scaling, case .arena(let offset) = plan.places[graph.input.index] {
            memory.replaceSubrange(
                arenaStart + offset..<arenaStart + offset + inputCount, with: scaling.normalized(input))
        }
        for step in graph.steps { compute(step, &memory) }
        let outputs = Array(memory[inputCount..<arenaStart])
        guard let targets else { return outputs }
        return outputs.indices.map { outputs[$0] * targets.deviation[$0] + targets.mean[$0] }
    }

    private func compute(_ step: InferenceGraph.Step, _ memory: inout [Float]) {
        let x = start(of: step.inputs[0]), y = start(of: step.output), added = step.added.map(start)
        let from = graph[step.inputs[0]], to = graph[step.output]
        func finish(_ value: Float, _ place: Int, _ memory: inout [Float]) {
            let sum = Self.apply(step.function, value) + (added.map { memory[$0 + place] } ?? 0)
            memory[y + place] = Self.apply(step.closing, sum)
        }
        switch step.operation {
        case .linear(let own):
            let weight = weights.matrix(own.weight), bias = own.bias.map(weights.matrix)
            for row in 0..<to.rows {
                for output in 0..<to.columns {
                    var sum = bias?[output] ?? 0
                    for input in 0..<from.columns {
                        sum += memory[x + row * from.columns + input] * weight[output * from.columns + input]
                    }
                    finish(sum, row * to.columns + output, &memory)
                }
            }
        case .convolution(let own, let window):
            let weight = weights.matrix(own.weight), bias = own.bias.map(weights.matrix), channels = from.columns
            window.forEachPlace { place, taps in
                for output in 0..<to.columns {
                    var sum = bias?[output] ?? 0
                    for (tap, read) in taps {
                        let factors = (output * window.taps + tap) * channels
                        for input in 0..<channels {
                            sum += memory[x + read * channels + input] * weight[factors + input]
                        }
                    }
                    finish(sum, place * to.columns + output, &memory)
                }
            }
        case .depthwise(let own, let window):
            let weight = weights.taps(own.weight), bias = own.bias.map(weights.matrix), channels = from.columns
            window.forEachPlace { place, taps in
                for channel in 0..<channels {
                    var sum = bias?[channel] ?? 0
                    for (tap, read) in taps {
                        sum += memory[x + read * channels + channel] * weight[tap * channels + channel]
                    }
                    finish(sum, place * channels + channel, &memory)
                }
            }
        case .layerNorm(let gain, let offset):
            let gain = weights.matrix(gain), offset = weights.matrix(offset), width = from.columns
            for row in 0..<from.rows {
                let values = Array(memory[x + row * width..<x + (row + 1) * width])
                let mean = values.reduce(0, +) / Float(width)
                let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(width)
                let scale = 1 / (variance + InferenceGraph.epsilon).squareRoot()
                for column in 0..<width {
                    memory[y + row * width + column] = (values[column] - mean) * scale * gain[column] + offset[column]
                }
            }
        case .patches(let grid):
            let across = grid.width / grid.side, line = grid.side * grid.channels
            for patch in 0..<grid.count {
                for row in 0..<grid.side {
                    let pixel = (patch / across * grid.side + row) * grid.width + patch % across * grid.side
                    for value in 0..<line {
                        memory[y + patch * grid.values + row * line + value] = memory[x + pixel * grid.channels + value]
                    }
                }
            }
        case .tokens(let classToken, let positions):
            let table = weights.table(classToken, positions)
            for place in table.indices {
                memory[y + place] = table[place] + (place < from.columns ? 0 : memory[x + place - from.columns])
            }
        case .first:
            for column in 0..<to.columns { memory[y + column] = memory[x + column] }
        case .attention(let headWidth): attend(step, headWidth, &memory)
        case .mean:
            for column in 0..<to.columns {
                let sum = (0..<from.rows).reduce(Float(0)) { $0 + memory[x + $1 * from.columns + column] }
                memory[y + column] = sum / Float(from.rows)
            }
        case .meanPool(let window), .maxPool(let window):
            var isMean = false
            if case .meanPool = step.operation { isMean = true }
            window.forEachPooled(isMean: isMean) { place, reads in
                for column in 0..<to.columns {
                    let values = reads.map { memory[x + $0 * from.columns + column] }
                    memory[y + place * to.columns + column] =
                        isMean ? values.reduce(0, +) / Float(values.count) : values.max() ?? 0
                }
            }
        case .gate:
            let gates = start(of: step.inputs[1])
            for place in 0..<from.count {
                let gate = max(0, min(6, memory[gates + place % from.columns] + 3)) / 6
                memory[y + place] = memory[x + place] * gate
            }
        }
    }

    private func attend(_ step: InferenceGraph.Step, _ headWidth: Int, _ memory: inout [Float]) {
        let q = start(of: step.inputs[0]), k = start(of: step.inputs[1]), v = start(of: step.inputs[2])
        let y = start(of: step.output), shares = arenaStart + plan.activations
        let queries = graph[step.inputs[0]], tokens = graph[step.inputs[1]].rows, width = queries.columns
        let factor = 1 / Float(headWidth).squareRoot()
        for query in 0..<queries.rows {
            for head in stride(from: 0, to: width, by: headWidth) {
                let own = query * width + head
                var greatest = -Float.infinity, total: Float = 0
                for token in 0..<tokens {
                    var sum: Float = 0
                    for column in 0..<headWidth {
                        sum += memory[q + own + column] * memory[k + token * width + head + column]
                    }
                    memory[shares + token] = sum * factor
                    greatest = max(greatest, sum * factor)
                }
                for token in 0..<tokens {
                    memory[shares + token] = exp(memory[shares + token] - greatest)
                    total += memory[shares + token]
                }
                for column in 0..<headWidth {
                    var sum: Float = 0
                    for token in 0..<tokens {
                        sum += memory[shares + token] * memory[v + token * width + head + column]
                    }
                    memory[y + own + column] = sum / total
                }
            }
        }
    }

    private static func apply(_ function: InferenceGraph.Function, _ x: Float) -> Float {
        switch function {
        case .identity, .map(.none): x
        case .gelu: 0.5 * x * (1 + erf(x * Float(0.5).squareRoot()))
        case .map(.relu): max(0, x)
        case .map(.relu6): max(0, min(6, x))
        case .map(.hardSwish): x * max(0, min(6, x + 3)) / 6
        case .map(.swish): x / (1 + exp(-x))
        }
    }
}

extension MapWindow {
    /// Hands out each output place with the taps that lie in the map, each with the place that it reads.
    fileprivate func forEachPlace(_ body: (_ place: Int, _ taps: [(tap: Int, read: Int)]) -> Void) {
        for row in 0..<outHeight {
            for column in 0..<outWidth {
                var taps: [(tap: Int, read: Int)] = []
                for tap in 0..<self.taps {
                    let (down, across) = (
                        row * step + tap / kernel - kernel / 2, column * step + tap % kernel - kernel / 2
                    )
                    if (0..<height).contains(down), (0..<width).contains(across) {
                        taps.append((tap, down * width + across))
                    }
                }
                body(row * outWidth + column, taps)
            }
        }
    }

    /// Hands out each output place of a pool with the places that it reads: step x step of them, or those around it.
    fileprivate func forEachPooled(isMean: Bool, _ body: (_ place: Int, _ reads: [Int]) -> Void) {
        let side = isMean ? step : kernel, shift = isMean ? 0 : kernel / 2
        for row in 0..<outHeight {
            for column in 0..<outWidth {
                let rows = max(0, row * step - shift)..<min(height, row * step - shift + side)
                let columns = max(0, column * step - shift)..<min(width, column * step - shift + side)
                body(row * outWidth + column, rows.flatMap { line in columns.map { line * width + $0 } })
            }
        }
    }
}
