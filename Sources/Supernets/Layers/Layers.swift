internal import Tensors

/// A linear layer's parameters: weight (out, in) and bias (out).
struct LinearLayer: Sendable {
    typealias Entry = ParameterLayout.Entry

    let weight: Entry
    let bias: Entry

    /// - Parameters:
    ///   - isZero: Whether the weight begins at 0, as a head's does.
    ///   - deviation: Of the weight's normal values, where it is not that of the inputs.
    init(
        _ name: String, outputs: Int, inputs: Int, isZero: Bool = false, deviation: Float? = nil,
        in layout: inout ParameterLayout
    ) {
        weight = layout.add(
            "\(name).weight", .weight, shape: [outputs, inputs],
            initial: isZero
                ? .constant(0) : deviation.map { .normal(deviation: $0) } ?? .scaled(inputs: inputs))
        bias = layout.add("\(name).bias", .bias, shape: [outputs])
    }

    /// Adds the leading parts that a subnet uses to a list.
    func addSlices(outputs: Int, inputs: Int, to slices: inout [ParameterSlice]) {
        slices.append(ParameterSlice(entry: weight, rows: outputs, columns: inputs))
        slices.append(ParameterSlice(entry: bias, columns: outputs))
    }

    /// The layer as a mixture takes it.
    func mixable(_ name: String) -> Mixture.PlainLayer { Mixture.PlainLayer(name: name, weight: weight, bias: bias) }

    /// y = x W^T + b over the leading outputs. Shapes: x (rows, in), y (rows, outputs).
    func callAsFunction(
        _ x: Variable, outputs: Int, _ store: ParameterStore, on tape: Tape, activation: Activation = .none
    ) -> Variable {
        tape.linear(
            x, weight: store.slice(weight, rows: outputs, columns: x.value.columns),
            bias: store.slice(bias, columns: outputs), activation: activation)
    }
}

/// A layer norm's parameters: gain and offset (width).
struct NormLayer: Sendable {
    let gain: ParameterLayout.Entry
    let offset: ParameterLayout.Entry

    init(_ name: String, width: Int, in layout: inout ParameterLayout) {
        gain = layout.add("\(name).weight", .gain, shape: [width], initial: .constant(1))
        offset = layout.add("\(name).bias", .bias, shape: [width])
    }

    /// Adds the leading parts that a subnet uses to a list.
    func addSlices(width: Int, to slices: inout [ParameterSlice]) {
        slices.append(ParameterSlice(entry: gain, columns: width))
        slices.append(ParameterSlice(entry: offset, columns: width))
    }

    /// The stream with its branch added, and the norm of that; under a mask, of the channels that are there.
    func callAsFunction(
        _ x: ResidualStream, _ store: ParameterStore, mask: Parameter? = nil, on tape: Tape
    ) -> (sum: Variable, y: Variable) {
        let gain = store.slice(gain, columns: x.sum.value.columns)
        let offset = store.slice(offset, columns: x.sum.value.columns)
        if let mask { return tape.maskedLayerNorm(x.sum, branch: x.branch, mask: mask, gain: gain, offset: offset) }
        guard let branch = x.branch else { return (x.sum, tape.layerNorm(x.sum, gain: gain, offset: offset)) }
        return tape.residualLayerNorm(x.sum, branch: branch, gain: gain, offset: offset)
    }
}

/// The residual stream between two halves of a block: its sum so far and a branch that has yet to be added.
///
/// The branch stays open so that its addition is fused with the norm that follows.
struct ResidualStream {
    /// Rows (batch * rowsPerExample) by width.
    let sum: Variable
    /// What comes on top, of the same shape.
    let branch: Variable?
    /// All tokens of an example, or 1.
    let rowsPerExample: Int
}
