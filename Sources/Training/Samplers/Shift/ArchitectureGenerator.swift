internal import Foundation
public import SearchSpaces
internal import Supernets
public import Tensors

/// Emits an architecture for a requested cost: a recurrent network that takes one decision after another.
///
/// x_0 = c w + b for the normalised cost c; (h_i, s_i) = LSTM(x_i, h_{i-1}, s_{i-1}); z_i = W_t h_i + b_t for the decision's
/// type t (its name); x_{i+1} = E_t p_i + c w + b, where p_i is the one-hot choice. In training the choice is
/// onehot(argmax(z + g)) with Gumbel noise g, and its gradient that of softmax((z + g) / temperature): straight through.
/// The heads start at 0, so that the first draws are uniform.
///
/// One caller at a time; the network is small and runs on the caller's thread.
///
/// Source: Zhang et al., "ShiftNAS: Improving One-shot NAS via Probability Shift" (ICCV 2023), section 3.2; Hochreiter and
/// Schmidhuber, "Long Short-Term Memory" (1997); Jang et al., "Categorical Reparameterization with Gumbel-Softmax" (2017).
public final class ArchitectureGenerator {
    /// What a forward pass leaves for its backward.
    struct Trace {
        /// The one-hot choices.
        var choices: OptionWeights
        /// softmax((z + g) / temperature).
        var soft: OptionWeights
        /// softmax(z).
        var plain: OptionWeights
        let cost: Float
        let temperature: Float
    }

    /// Width of the hidden state.
    public static let hidden = 64

    /// The parameters, flat.
    public let values: FloatBuffer
    /// Their optimiser.
    public let optimizer: AdamW
    let layout: ParameterLayout
    private let gradient: FloatBuffer
    private let decisions: [Decision]
    private let kernels: Kernels
    private let places: GeneratorParameters
    /// One row a decision: inputs, gates after their activations (input, forget, cell, output), states, outputs.
    private let inputs: FloatBuffer
    private let gates: FloatBuffer
    private let states: FloatBuffer
    private let outputs: FloatBuffer

    /// Creates a generator with initial parameters, a function of the seed.
    public init(decisions: [Decision], seed: UInt64, kernels: Kernels) {
        self.decisions = decisions
        self.kernels = kernels
        places = GeneratorParameters(decisions, hidden: Self.hidden)
        layout = places.layout
        values = FloatBuffer(count: layout.floatCount)
        gradient = FloatBuffer(count: layout.floatCount)
        optimizer = AdamW(count: layout.floatCount, decay: 0)
        let count = decisions.count, hidden = Self.hidden
        inputs = FloatBuffer(count: count * hidden)
        gates = FloatBuffer(count: count * 4 * hidden)
        // Row 0 of states and outputs is the beginning.
        states = FloatBuffer(count: (count + 1) * hidden)
        outputs = FloatBuffer(count: (count + 1) * hidden)
        places.initialize(values, seed: seed)
    }

    /// Goes back to initial parameters.
    func restart(seed: UInt64) {
        places.initialize(values, seed: seed)
        for moment in optimizer.moments { moment.values.values.update(repeating: 0) }
        gradient.values.update(repeating: 0)
    }

    /// The most probable architecture for a cost from 0 (least) to 1 (greatest).
    public func genome(cost: Double) -> Genome { run(cost: Float(cost), noise: nil, temperature: 1).choices.genome }

    /// Draws an architecture for a cost; without noise the most probable one.
    ///
    /// - Parameter isSoft: Whether later decisions and the result see the soft choices themselves, of which `backward` is
    ///   the exact gradient; straight through it stands in for that of the one-hot ones.
    func run(cost: Float, noise: GeneratorNoise?, temperature: Float, isSoft: Bool = false) -> Trace {
        let hidden = Self.hidden
        var trace = Trace(
            choices: OptionWeights(decisions), soft: OptionWeights(decisions), plain: OptionWeights(decisions),
            cost: cost, temperature: temperature)
        states[0..<hidden].update(repeating: 0)
        outputs[0..<hidden].update(repeating: 0)
        var place = 0
        for (index, decision) in decisions.enumerated() {
            fillInput(index, cost: cost, after: trace.choices)
            stepCell(index)
            let head = places.head(of: index)
            var logits = [Float](repeating: 0, count: decision.options.count)
            logits.withUnsafeMutableBufferPointer { room in
                guard let base = room.baseAddress else { return }
                kernels.multiply(
                    row(outputs, index + 1), transposed: false, matrix(values, head.weight), transposed: true,
                    into: MatrixView(base: base, rows: 1, columns: room.count), bias: values.base + head.bias.offset)
            }
            trace.plain[index] = Self.softmax(logits)[...]
            if let noise { for option in logits.indices { logits[option] += noise[place + option] } }
            trace.soft[index] = Self.softmax(logits.map { $0 / temperature })[...]
            if isSoft {
                trace.choices[index] = trace.soft[index]
            } else {
                let best = logits.indices.max { logits[$0] < logits[$1] } ?? 0
                trace.choices.values[trace.choices.range(of: index).lowerBound + best] = 1
            }
            place += decision.options.count
        }
        return trace
    }

    /// Adds the gradient of a loss to that of the parameters; the trace is that of the last ``run(cost:noise:temperature:)``.
    ///
    /// - Parameters:
    ///   - options: The gradient of the loss by the option weights.
    ///   - entropyWeight: Weight of the mean entropy of the active decisions, which is maximised.
    /// - Returns: The gradient by the cost.
    @discardableResult
    func backward(_ trace: Trace, options: OptionWeights, active: [Bool], entropyWeight: Float = 0) -> Float {
        let hidden = Self.hidden, places = places
        var dChoices = options
        var dOutput = [Float](repeating: 0, count: hidden), dState = dOutput
        var dCost: Float = 0
        let share = entropyWeight / Float(max(1, active.count { $0 }))
        for index in decisions.indices.reversed() {
            let dz = slope(of: index, trace, dChoices, entropy: active[index] ? share : 0)
            let head = places.head(of: index)
            let weight = matrix(values, head.weight), dWeight = matrix(gradient, head.weight)
            let output = row(outputs, index + 1).row(0)
            for (option, slope) in dz.enumerated() where slope != 0 {
                gradient.base[head.bias.offset + option] += slope
                for unit in 0..<hidden {
                    dWeight.base[option * hidden + unit] += slope * output[unit]
                    dOutput[unit] += slope * weight.base[option * hidden + unit]
                }
            }
            let dInput = cellBackward(index, &dOutput, &dState)
            // x = E p + c w + b
            for unit in 0..<hidden {
                gradient.base[places.costWeight.offset + unit] += dInput[unit] * trace.cost
                gradient.base[places.costBias.offset + unit] += dInput[unit]
                dCost += dInput[unit] * values.base[places.costWeight.offset + unit]
            }
            guard index > 0 else { break }
            let table = places.embedding(of: index - 1)
            let range = dChoices.range(of: index - 1)
            for option in decisions[index - 1].options.indices {
                let chosen = trace.choices.values[range.lowerBound + option]
                let at = table.offset + option * hidden
                var total: Float = 0
                for unit in 0..<hidden {
                    total += dInput[unit] * values.base[at + unit]
                    gradient.base[at + unit] += dInput[unit] * chosen
                }
                dChoices.values[range.lowerBound + option] += total
            }
        }
        return dCost
    }

    /// Follows the gradient and clears it.
    func update(step: Int, rate: Float) {
        optimizer.update(
            0..<values.count, of: values, by: gradient, step: step, rate: rate, gradientScale: 1, with: kernels)
        clearGradient()
    }

    /// Forgets the gradient.
    func clearGradient() { gradient.values.update(repeating: 0) }

    /// The gradient by parameter name, for tests.
    func gradient(of entry: ParameterLayout.Entry) -> MatrixView { matrix(gradient, entry) }

    // MARK: Parts

    /// dLoss/dz: straight through the soft choice, and the entropy's share.
    private func slope(
        of index: Int, _ trace: Trace, _ dChoices: OptionWeights, entropy: Float
    ) -> [Float] {
        let soft = Array(trace.soft[index]), upstream = Array(dChoices[index]), plain = Array(trace.plain[index])
        let mean = zip(soft, upstream).map { $0 * $1 }.reduce(0, +)
        let disorder = -plain.map { $0 > 0 ? $0 * log($0) : 0 }.reduce(0, +)
        return soft.indices.map { option in
            let straight = soft[option] * (upstream[option] - mean) / trace.temperature
            let q = plain[option]
            return straight + (q > 0 ? entropy * q * (log(q) + disorder) : 0)
        }
    }

    private func fillInput(_ index: Int, cost: Float, after choices: OptionWeights) {
        let hidden = Self.hidden
        let input = row(inputs, index).row(0)
        for unit in 0..<hidden {
            input[unit] =
                cost * values.base[places.costWeight.offset + unit] + values.base[places.costBias.offset + unit]
        }
        guard index > 0 else { return }
        let table = places.embedding(of: index - 1)
        for (option, weight) in choices[index - 1].enumerated() where weight != 0 {
            for unit in 0..<hidden { input[unit] += weight * values.base[table.offset + option * hidden + unit] }
        }
    }

    private func stepCell(_ index: Int) {
        let hidden = Self.hidden
        let gate = MatrixView(base: gates.base + index * 4 * hidden, rows: 1, columns: 4 * hidden)
        kernels.multiply(
            row(inputs, index), transposed: false, matrix(values, places.inputWeight), transposed: true, into: gate,
            bias: values.base + places.cellBias.offset)
        kernels.multiply(
            row(outputs, index), transposed: false, matrix(values, places.hiddenWeight), transposed: true, into: gate,
            accumulating: true)
        let g = gate.row(0), old = row(states, index).row(0)
        let state = row(states, index + 1).row(0), output = row(outputs, index + 1).row(0)
        for unit in 0..<hidden {
            g[unit] = Self.sigmoid(g[unit])
            g[hidden + unit] = Self.sigmoid(g[hidden + unit])
            g[2 * hidden + unit] = tanh(g[2 * hidden + unit])
            g[3 * hidden + unit] = Self.sigmoid(g[3 * hidden + unit])
            state[unit] = g[hidden + unit] * old[unit] + g[unit] * g[2 * hidden + unit]
            output[unit] = g[3 * hidden + unit] * tanh(state[unit])
        }
    }

    /// Takes dh and ds after a decision to those before it; returns the gradient of its input.
    private func cellBackward(_ index: Int, _ dOutput: inout [Float], _ dState: inout [Float]) -> [Float] {
        let hidden = Self.hidden
        let g = UnsafeMutableBufferPointer(rebasing: gates.values[index * 4 * hidden..<(index + 1) * 4 * hidden])
        let old = row(states, index).row(0), state = row(states, index + 1).row(0)
        var dGates = [Float](repeating: 0, count: 4 * hidden)
        for unit in 0..<hidden {
            let (i, f, c, o) = (g[unit], g[hidden + unit], g[2 * hidden + unit], g[3 * hidden + unit])
            let bent = tanh(state[unit])
            let ds = dState[unit] + dOutput[unit] * o * (1 - bent * bent)
            dGates[unit] = ds * c * i * (1 - i)
            dGates[hidden + unit] = ds * old[unit] * f * (1 - f)
            dGates[2 * hidden + unit] = ds * i * (1 - c * c)
            dGates[3 * hidden + unit] = dOutput[unit] * bent * o * (1 - o)
            dState[unit] = ds * f
        }
        var dInput = [Float](repeating: 0, count: hidden)
        dGates.withUnsafeMutableBufferPointer { gate in
            guard let base = gate.baseAddress else { return }
            let d = MatrixView(base: base, rows: 1, columns: 4 * hidden)
            kernels.multiply(
                d, transposed: true, row(inputs, index), transposed: false, into: matrix(gradient, places.inputWeight),
                accumulating: true)
            kernels.multiply(
                d, transposed: true, row(outputs, index), transposed: false,
                into: matrix(gradient, places.hiddenWeight), accumulating: true)
            for at in 0..<4 * hidden { gradient.base[places.cellBias.offset + at] += base[at] }
            dInput.withUnsafeMutableBufferPointer {
                kernels.row(d, times: matrix(values, places.inputWeight), into: $0)
            }
            dOutput.withUnsafeMutableBufferPointer {
                kernels.row(d, times: matrix(values, places.hiddenWeight), into: $0)
            }
        }
        return dInput
    }

    private func row(_ buffer: FloatBuffer, _ index: Int) -> MatrixView {
        buffer.matrix(offset: index * Self.hidden, rows: 1, columns: Self.hidden)
    }

    private func matrix(_ buffer: FloatBuffer, _ entry: ParameterLayout.Entry) -> MatrixView {
        buffer.matrix(offset: entry.offset, rows: entry.rows, columns: entry.columns)
    }

    private static func sigmoid(_ x: Float) -> Float { 1 / (1 + exp(-x)) }

    private static func softmax(_ logits: [Float]) -> [Float] {
        let largest = logits.max() ?? 0
        let powers = logits.map { exp($0 - largest) }
        let total = powers.reduce(0, +)
        return powers.map { $0 / total }
    }
}

extension Kernels {
    /// y = x W for one row.
    fileprivate func row(_ x: MatrixView, times weight: MatrixView, into y: UnsafeMutableBufferPointer<Float>) {
        guard let base = y.baseAddress else { return }
        multiply(
            x, transposed: false, weight, transposed: false, into: MatrixView(base: base, rows: 1, columns: y.count))
    }
}
