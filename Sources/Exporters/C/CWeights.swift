internal import Supernets
internal import Tensors

/// The values of a network's parameters in the order in which C computes with them.
struct CWeights {
    private let values: [String: [Float]]
    private let turned: [String: [Float]]

    init(_ graph: InferenceGraph, _ weights: NetworkWeights) {
        var values: [String: [Float]] = [:], turned: [String: [Float]] = [:]
        func add(_ entry: ParameterLayout.Entry?) {
            if let entry { values[entry.name] = weights.matrix(entry) }
        }
        for step in graph.steps {
            switch step.operation {
            case .linear(let own):
                add(own.weight)
                add(own.bias)
            case .convolution(let own, let window):
                add(own.bias)
                // As files have it, (out, in, tap); here (out, tap, in).
                let tensor = weights.tensor(own.weight), inputs = own.weight.columns / window.taps
                values[own.weight.name] = (0..<tensor.count).map { place in
                    let (row, rest) = place.quotientAndRemainder(dividingBy: own.weight.columns)
                    return tensor[row * own.weight.columns + rest % inputs * window.taps + rest / inputs]
                }
            case .depthwise(let own, let window):
                add(own.bias)
                // From taps in rings to taps row by row.
                let matrix = weights.matrix(own.weight), channels = own.weight.columns
                var rows = matrix
                for (ring, tap) in MapWindow.ringOrder(kernel: window.kernel).enumerated() {
                    for channel in 0..<channels { rows[tap * channels + channel] = matrix[ring * channels + channel] }
                }
                turned[own.weight.name] = rows
            case .layerNorm(let gain, let offset):
                add(gain)
                add(offset)
            case .tokens(let classToken, let positions):
                add(classToken)
                add(positions)
            case .patches, .first, .attention, .mean, .gate, .meanPool, .maxPool: break
            }
        }
        self.values = values
        self.turned = turned
    }

    /// A parameter row by row; a dense convolution as (out, tap, in).
    func matrix(_ entry: ParameterLayout.Entry) -> [Float] { values[entry.name] ?? [] }

    /// A depthwise weight as (tap, channel), the taps row by row.
    func taps(_ entry: ParameterLayout.Entry) -> [Float] { turned[entry.name] ?? [] }

    /// Positions with the class token in the first of them.
    func table(_ classToken: ParameterLayout.Entry, _ positions: ParameterLayout.Entry) -> [Float] {
        var table = matrix(positions)
        for (column, value) in matrix(classToken).enumerated() { table[column] = value + table[column] }
        return table
    }

    /// Whether every value is finite.
    var isFinite: Bool { [values, turned].allSatisfy { $0.values.joined().allSatisfy(\.isFinite) } }
}
