internal import Foundation
public import SearchSpaces
internal import Supernets
public import Tensors

/// Emits an architecture for a requested cost: a recurrent network that takes one decision after another.
///
/// x_0 = c w + b for the normalised cost c; (h_i, s_i) = LSTM(x_i, h_{i-1}, s_{i-1}); z_i = W_t h_i + b_t for the decision's
/// type t (its name and options); x_{i+1} = E_t p_i + c w + b, where p_i is the one-hot choice. In training the choice is
/// onehot(argmax(z + g)) with Gumbel noise g, and its gradient that of softmax((z + g) / temperature): straight through.
/// The heads start at 0, so that the first draws are uniform.
///
/// One caller at a time; the network is small and runs on the caller's thread: products by the backend, what is elementwise
/// on the host.
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
    private let kernels: any Backend
    private let places: GeneratorParameters
    /// What products read and write: one row a decision of inputs and of outputs, of which row 0 is the beginning; and room
    /// for gates or their gradient, for logits, and for the gradient of a row.
    private let inputs: FloatBuffer
    private let outputs: FloatBuffer
    private let gateRoom: FloatBuffer
    private let logitRoom: FloatBuffer
    private let rowRoom: FloatBuffer
    /// On the host: parameters and gradients but for the cell's weights; one row a decision of gates after their
    /// activations (input, forget, cell, output), states and outputs; and the input that is being made.
    private var hostValues: [Float]
    private var hostGradient: [Float]
    private var gates: [Float]
    private var states: [Float]
    private var hostOutputs: [Float]
    private var input: [Float]

    /// Creates a generator with initial parameters, a function of the seed.
    public init(decisions: [Decision], seed: UInt64, kernels: any Backend) {
        self.decisions = decisions
        self.kernels = kernels
        places = GeneratorParameters(decisions, hidden: Self.hidden)
        layout = places.layout
        values = FloatBuffer(count: layout.floatCount)
        gradient = FloatBuffer(count: layout.floatCount)
        optimizer = AdamW(count: layout.floatCount, decay: 0)
        let count = decisions.count, hidden = Self.hidden
        inputs = FloatBuffer(count: count * hidden)
        outputs = FloatBuffer(count: (count + 1) * hidden)
        gateRoom = FloatBuffer(count: 4 * hidden)
        logitRoom = FloatBuffer(count: decisions.map(\.options.count).max() ?? 0)
        rowRoom = FloatBuffer(count: hidden)
        hostValues = [Float](repeating: 0, count: layout.floatCount)
        hostGradient = hostValues
        gates = [Float](repeating: 0, count: count * 4 * hidden)
        states = [Float](repeating: 0, count: (count + 1) * hidden)
        hostOutputs = states
        input = [Float](repeating: 0, count: hidden)
        places.initialize(values, seed: seed, on: kernels)
    }

    /// Goes back to initial parameters.
    func restart(seed: UInt64) {
        places.initialize(values, seed: seed, on: kernels)
        for moment in optimizer.moments { kernels.fill(moment.values.whole, with: 0) }
        clearGradient()
    }

    /// The most probable architecture for a cost from 0 (least) to 1 (greatest).
    public func genome(cost: Double) -> Genome { run(cost: Float(cost), noise: nil, temperature: 1).choices.genome }

    /// Draws an architecture for a cost; without noise the most probable one.
    ///
    /// - Parameter isSoft: Whether later decisions and the result see the soft choices themselves, of which `backward` is
    ///   the exact gradient; straight through it stands in for that of the one-hot ones.
    func run(cost: Float, noise: GeneratorNoise?, temperature: Float, isSoft: Bool = false) -> Trace {
        for range in places.hostRanges { kernels.download(values[range], into: &hostValues, at: range.lowerBound) }
        var trace = Trace(
            choices: OptionWeights(decisions), soft: OptionWeights(decisions), plain: OptionWeights(decisions),
            cost: cost, temperature: temperature)
        var place = 0
        for (index, decision) in decisions.enumerated() {
            fillInput(index, cost: cost, after: trace.choices)
            stepCell(index)
            let head = places.head(of: index)
            let found = logitRoom[0..<decision.options.count]
            kernels.multiply(
                row(outputs, index + 1), transposed: false, head.weight.view(of: values), transposed: true, into: found,
                bias: head.bias.view(of: values))
            var logits = kernels.download(found)
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
            for (option, slope) in dz.enumerated() where slope != 0 {
                hostGradient[head.bias.offset + option] += slope
                let at = head.weight.offset + option * hidden
                for unit in 0..<hidden {
                    hostGradient[at + unit] += slope * hostOutputs[(index + 1) * hidden + unit]
                    dOutput[unit] += slope * hostValues[at + unit]
                }
            }
            let dInput = cellBackward(index, &dOutput, &dState)
            // x = E p + c w + b
            for unit in 0..<hidden {
                hostGradient[places.costWeight.offset + unit] += dInput[unit] * trace.cost
                hostGradient[places.costBias.offset + unit] += dInput[unit]
                dCost += dInput[unit] * hostValues[places.costWeight.offset + unit]
            }
            guard index > 0 else { break }
            let table = places.embedding(of: index - 1)
            let range = dChoices.range(of: index - 1)
            for option in decisions[index - 1].options.indices {
                let chosen = trace.choices.values[range.lowerBound + option]
                let at = table.offset + option * hidden
                var total: Float = 0
                for unit in 0..<hidden {
                    total += dInput[unit] * hostValues[at + unit]
                    hostGradient[at + unit] += dInput[unit] * chosen
                }
                dChoices.values[range.lowerBound + option] += total
            }
        }
        for range in places.hostRanges { kernels.upload(hostGradient, from: range.lowerBound, to: gradient[range]) }
        return dCost
    }

    /// Follows the gradient and clears it.
    func update(step: Int, rate: Float) {
        optimizer.update(
            0..<values.count, of: values, by: gradient, step: step, rate: rate, gradientScale: 1, with: kernels)
        clearGradient()
    }

    /// Forgets the gradient.
    func clearGradient() {
        kernels.fill(gradient.whole, with: 0)
        for index in hostGradient.indices { hostGradient[index] = 0 }
    }

    /// The gradient by parameter name, for tests.
    func gradient(of entry: ParameterLayout.Entry) -> MatrixView { entry.view(of: gradient) }

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
        for unit in 0..<hidden {
            input[unit] = cost * hostValues[places.costWeight.offset + unit] + hostValues[places.costBias.offset + unit]
        }
        if index > 0 {
            let table = places.embedding(of: index - 1)
            for (option, weight) in choices[index - 1].enumerated() where weight != 0 {
                for unit in 0..<hidden { input[unit] += weight * hostValues[table.offset + option * hidden + unit] }
            }
        }
        kernels.upload(input, to: row(inputs, index))
    }

    private func stepCell(_ index: Int) {
        let hidden = Self.hidden
        let gate = gateRoom.whole
        kernels.multiply(
            row(inputs, index), transposed: false, places.inputWeight.view(of: values), transposed: true, into: gate,
            bias: places.cellBias.view(of: values))
        kernels.multiply(
            row(outputs, index), transposed: false, places.hiddenWeight.view(of: values), transposed: true, into: gate,
            accumulating: true)
        let at = index * 4 * hidden, next = (index + 1) * hidden
        kernels.download(gate, into: &gates, at: at)
        for unit in 0..<hidden {
            let i = Self.sigmoid(gates[at + unit]), f = Self.sigmoid(gates[at + hidden + unit])
            let c = tanh(gates[at + 2 * hidden + unit]), o = Self.sigmoid(gates[at + 3 * hidden + unit])
            (gates[at + unit], gates[at + hidden + unit]) = (i, f)
            (gates[at + 2 * hidden + unit], gates[at + 3 * hidden + unit]) = (c, o)
            states[next + unit] = f * states[index * hidden + unit] + i * c
            hostOutputs[next + unit] = o * tanh(states[next + unit])
        }
        kernels.upload(hostOutputs, from: next, to: row(outputs, index + 1))
    }

    /// Takes dh and ds after a decision to those before it; returns the gradient of its input.
    private func cellBackward(_ index: Int, _ dOutput: inout [Float], _ dState: inout [Float]) -> [Float] {
        let hidden = Self.hidden, at = index * 4 * hidden
        var dGates = [Float](repeating: 0, count: 4 * hidden)
        for unit in 0..<hidden {
            let (i, f) = (gates[at + unit], gates[at + hidden + unit])
            let (c, o) = (gates[at + 2 * hidden + unit], gates[at + 3 * hidden + unit])
            let bent = tanh(states[(index + 1) * hidden + unit])
            let ds = dState[unit] + dOutput[unit] * o * (1 - bent * bent)
            dGates[unit] = ds * c * i * (1 - i)
            dGates[hidden + unit] = ds * states[index * hidden + unit] * f * (1 - f)
            dGates[2 * hidden + unit] = ds * i * (1 - c * c)
            dGates[3 * hidden + unit] = dOutput[unit] * bent * o * (1 - o)
            dState[unit] = ds * f
        }
        for unit in dGates.indices { hostGradient[places.cellBias.offset + unit] += dGates[unit] }
        let d = gateRoom.whole
        kernels.upload(dGates, to: d)
        kernels.multiply(
            d, transposed: true, row(inputs, index), transposed: false, into: places.inputWeight.view(of: gradient),
            accumulating: true)
        kernels.multiply(
            d, transposed: true, row(outputs, index), transposed: false,
            into: places.hiddenWeight.view(of: gradient), accumulating: true)
        kernels.multiply(d, places.hiddenWeight.view(of: values), into: rowRoom.whole)
        kernels.download(rowRoom.whole, into: &dOutput)
        kernels.multiply(d, places.inputWeight.view(of: values), into: rowRoom.whole)
        return kernels.download(rowRoom.whole)
    }

    private func row(_ buffer: FloatBuffer, _ index: Int) -> MatrixView {
        buffer.matrix(offset: index * Self.hidden, rows: 1, columns: Self.hidden)
    }

    private static func sigmoid(_ x: Float) -> Float { 1 / (1 + exp(-x)) }

    private static func softmax(_ logits: [Float]) -> [Float] {
        let largest = logits.max() ?? 0
        let powers = logits.map { exp($0 - largest) }
        let total = powers.reduce(0, +)
        return powers.map { $0 / total }
    }
}
