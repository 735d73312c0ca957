internal import Foundation
internal import Supernets
internal import Tensors

/// Writes what a network computes as a graph of ONNX.
///
/// Values have the batch in front: rows as (batch, columns), tokens as (batch, count, columns), maps as (batch, columns, height, width).
/// The image that is read is (batch, height, width, channels), as data have it. Nodes and constants are called by the parameters
/// that they are of.
struct ONNXGraphWriter {
    typealias Value = InferenceGraph.Value

    private let graph: InferenceGraph
    private let weights: NetworkWeights
    private(set) var result = Onnx_GraphProto()
    /// What each value is called.
    private var names: [Int: String] = [:]
    private var constants: Set<String> = []

    /// The name of the batch dimension.
    static let batch = "batch"

    /// Writes all steps of a graph.
    ///
    /// - Parameters:
    ///   - input: What the input is called.
    ///   - output: What the output is called.
    ///   - scaling: How the input is normalised; nil where it comes so.
    ///   - targets: What puts outputs into units; nil where they stay.
    init(
        _ graph: InferenceGraph, _ weights: NetworkWeights, input: String, output: String, scaling: InputScaling?,
        targets: ModelDescription.Scaling?
    ) {
        self.graph = graph
        self.weights = weights
        names[graph.input.index] = input
        if let scaling {
            let centred = emit(
                "Sub", [input, constant("input.mean", scaling.mean, [scaling.mean.count])], "input.centred")
            names[graph.input.index] = emit(
                "Div", [centred, constant("input.deviation", scaling.deviation, [scaling.deviation.count])],
                "input.normalised")
        }
        for step in graph.steps { write(step) }
        if let targets {
            let count = targets.mean.count, last = name(graph.output)
            let wide = emit("Mul", [last, constant("output.deviation", targets.deviation, [count])], "output.scaled")
            names[graph.output.index] = emit(
                "Add", [wide, constant("output.mean", targets.mean, [count])], "output.moved")
        }
        rename(name(graph.output), to: output)
        result.input = [Self.described(input, graph[graph.input])]
        result.output = [Self.described(output, graph[graph.output])]
    }

    private func name(_ value: Value) -> String { names[value.index] ?? "" }

    /// The last value is called otherwise than by its step.
    private mutating func rename(_ old: String, to new: String) {
        for place in result.node.indices {
            result.node[place].output = result.node[place].output.map { $0 == old ? new : $0 }
        }
    }

    private static func described(_ name: String, _ shape: InferenceGraph.Shape) -> Onnx_ValueInfoProto {
        let sizes: [Int] =
            switch shape {
            case .row(let columns): [columns]
            case .tokens(let count, let columns): [count, columns]
            case .map(let height, let width, let columns): [height, width, columns]
            }
        var info = Onnx_ValueInfoProto()
        info.name = name
        info.type.tensorType.elemType = Int32(Onnx_TensorProto.DataType.float.rawValue)
        var first = Onnx_TensorShapeProto.Dimension()
        first.dimParam = batch
        info.type.tensorType.shape.dim =
            [first]
            + sizes.map { size in
                var dimension = Onnx_TensorShapeProto.Dimension()
                dimension.dimValue = Int64(size)
                return dimension
            }
        return info
    }

    // MARK: Steps

    private mutating func write(_ step: InferenceGraph.Step) {
        let title = Self.title(of: step), x = step.inputs[0]
        var y: String
        switch step.operation {
        case .linear(let own): y = linear(own, x, title)
        case .convolution(let own, let window), .depthwise(let own, let window):
            y = convolution(own, x, title, window)
        case .layerNorm(let gain, let offset):
            y = emit(
                "LayerNormalization", [name(x), parameter(gain), parameter(offset)], title,
                [Self.attribute("axis", -1), Self.attribute("epsilon", InferenceGraph.epsilon)])
        case .patches(let grid): y = patches(x, grid, title)
        case .tokens(let classToken, let positions): y = tokens(x, classToken, positions, title)
        case .first:
            y = emit("Gather", [name(x), integer("index.0", [0], [])], title, [Self.attribute("axis", 1)])
        case .attention(let headWidth): y = attention(step.inputs, headWidth, title)
        case .mean:
            y = emit(
                "Flatten", [emit("GlobalAveragePool", [planes(x)], title)], title + ".row", [Self.attribute("axis", 1)])
        case .gate: y = gate(x, step.inputs[1], title)
        case .meanPool(let window):
            let ends = [window.outHeight * window.step - window.height, window.outWidth * window.step - window.width]
            y = pool("AveragePool", x, side: window.step, step: window.step, pads: [0, 0] + ends, title)
        case .maxPool(let window):
            let pad = window.kernel / 2
            y = pool("MaxPool", x, side: window.kernel, step: window.step, pads: [pad, pad, pad, pad], title)
        }
        y = apply(step.function, y, title)
        if let added = step.added {
            y = apply(step.closing, emit("Add", [planes(added), y], title + ".sum"), title + ".closing")
        }
        names[step.output.index] = y
    }

    /// What a step is called: by its parameters, or by what it does.
    private static func title(of step: InferenceGraph.Step) -> String {
        func stem(_ entry: ParameterLayout.Entry) -> String { entry.name.replacing(".weight", with: "") }
        switch step.operation {
        case .linear(let own), .convolution(let own, _), .depthwise(let own, _): return stem(own.weight)
        case .layerNorm(let gain, _): return stem(gain)
        case .patches: return "patches"
        case .tokens: return "tokens"
        case .first: return "first.\(step.output.index)"
        case .attention: return "attention.\(step.output.index)"
        case .mean: return "mean.\(step.output.index)"
        case .gate: return "gate.\(step.output.index)"
        case .meanPool, .maxPool: return "pool.\(step.output.index)"
        }
    }

    /// A map with its channels as planes: the image that is read is turned once.
    private mutating func planes(_ value: Value) -> String {
        guard value == graph.input, case .map = graph[value] else { return name(value) }
        let turned = "input.planes"
        guard !constants.contains(turned) else { return turned }
        constants.insert(turned)
        return emit("Transpose", [name(value)], turned, [Self.attribute("perm", [0, 3, 1, 2])])
    }

    private mutating func linear(_ own: InferenceGraph.Weights, _ x: Value, _ title: String) -> String {
        let outputs = own.weight.rows, inputs = own.weight.columns
        switch graph[x] {
        case .map:
            let weight = parameter(own.weight, shape: [outputs, inputs, 1, 1])
            return emit("Conv", [planes(x), weight] + bias(own), title, [Self.attribute("kernel_shape", [1, 1])])
        case .row:
            return emit(
                "Gemm", [name(x), parameter(own.weight, shape: [outputs, inputs])] + bias(own), title,
                [Self.attribute("transB", 1)])
        case .tokens:
            let matrix = weights.matrix(own.weight)
            let turned = (0..<matrix.count).map { matrix[$0 % outputs * inputs + $0 / outputs] }
            let product = emit(
                "MatMul", [name(x), constant(own.weight.name, turned, [inputs, outputs])], title + ".product")
            guard let bias = own.bias else { return product }
            return emit("Add", [product, parameter(bias)], title)
        }
    }

    private mutating func convolution(
        _ own: InferenceGraph.Weights, _ x: Value, _ title: String, _ window: MapWindow
    ) -> String {
        let kernel = window.kernel, pad = window.kernel / 2, shape = own.weight.shape
        let weight = constant(own.weight.name, weights.tensor(own.weight), shape)
        return emit(
            "Conv", [planes(x), weight] + bias(own), title,
            [
                Self.attribute("kernel_shape", [kernel, kernel]), Self.attribute("pads", [pad, pad, pad, pad]),
                Self.attribute("strides", [window.step, window.step]),
                Self.attribute("group", graph[x].columns / shape[1]),
            ])
    }

    private mutating func pool(
        _ type: String, _ x: Value, side: Int, step: Int, pads: [Int], _ title: String
    ) -> String {
        emit(
            type, [planes(x)], title,
            [
                Self.attribute("kernel_shape", [side, side]), Self.attribute("strides", [step, step]),
                Self.attribute("pads", pads),
            ])
    }

    private mutating func bias(_ own: InferenceGraph.Weights) -> [String] { own.bias.map { [parameter($0)] } ?? [] }

    private mutating func patches(_ x: Value, _ grid: PatchGrid, _ title: String) -> String {
        let down = grid.height / grid.side, across = grid.width / grid.side
        let cut = reshape(name(x), [0, down, grid.side, across, grid.side * grid.channels], title + ".cut")
        let turned = emit("Transpose", [cut], title + ".turned", [Self.attribute("perm", [0, 1, 3, 2, 4])])
        return reshape(turned, [0, grid.count, grid.values], title)
    }

    /// A row of zeros in front takes the class token, which goes with the positions.
    private mutating func tokens(
        _ x: Value, _ classToken: ParameterLayout.Entry, _ positions: ParameterLayout.Entry, _ title: String
    ) -> String {
        let room = emit("Pad", [name(x), integer("pads.token", [0, 1, 0, 0, 0, 0], [6])], title + ".room")
        var table = weights.matrix(positions)
        for (column, value) in weights.matrix(classToken).enumerated() { table[column] = value + table[column] }
        return emit("Add", [room, constant(title + ".table", table, [1, positions.rows, positions.columns])], title)
    }

    private mutating func attention(_ inputs: [Value], _ headWidth: Int, _ title: String) -> String {
        let heads = graph[inputs[0]].columns / headWidth
        func split(_ value: Value, _ part: String, _ order: [Int]) -> String {
            let parts = reshape(name(value), [0, graph[value].rows, heads, headWidth], title + "." + part + ".heads")
            return emit("Transpose", [parts], title + "." + part, [Self.attribute("perm", order)])
        }
        let query = split(inputs[0], "query", [0, 2, 1, 3]), key = split(inputs[1], "key", [0, 2, 3, 1])
        let value = split(inputs[2], "value", [0, 2, 1, 3])
        let factor = constant("attention.factor.\(headWidth)", [1 / Float(headWidth).squareRoot()], [])
        let scores = emit("Mul", [emit("MatMul", [query, key], title + ".products"), factor], title + ".scores")
        let shares = emit("Softmax", [scores], title + ".shares", [Self.attribute("axis", -1)])
        let mixed = emit("MatMul", [shares, value], title + ".mixed")
        let joined = emit("Transpose", [mixed], title + ".joined", [Self.attribute("perm", [0, 2, 1, 3])])
        let columns = heads * headWidth
        if case .row = graph[inputs[0]] { return reshape(joined, [0, columns], title) }
        return reshape(joined, [0, graph[inputs[0]].rows, columns], title)
    }

    private mutating func gate(_ x: Value, _ gates: Value, _ title: String) -> String {
        let factors = emit(
            "HardSigmoid", [name(gates)], title + ".factors",
            [Self.attribute("alpha", Float(1) / 6), Self.attribute("beta", Float(0.5))])
        return emit("Mul", [planes(x), reshape(factors, [0, graph[gates].columns, 1, 1], title + ".planes")], title)
    }

    private mutating func apply(_ function: InferenceGraph.Function, _ x: String, _ title: String) -> String {
        switch function {
        case .identity: return x
        case .gelu:
            // x / 2 (1 + erf(x / sqrt 2)) in the order in which runtimes know it as one.
            let inner = emit("Div", [x, constant("gelu.root", [Float(2).squareRoot()], [])], title + ".scaled")
            let shifted = emit(
                "Add", [emit("Erf", [inner], title + ".erf"), constant("gelu.one", [1], [])], title + ".shifted")
            return emit(
                "Mul", [emit("Mul", [x, shifted], title + ".twice"), constant("gelu.half", [0.5], [])], title + ".gelu")
        case .map(let activation):
            switch activation {
            case .none: return x
            case .relu: return emit("Relu", [x], title + ".relu")
            case .relu6:
                return emit(
                    "Clip", [x, constant("relu6.low", [0], []), constant("relu6.high", [6], [])], title + ".relu6")
            case .hardSwish: return emit("HardSwish", [x], title + ".hswish")
            case .swish: return emit("Mul", [x, emit("Sigmoid", [x], title + ".sigmoid")], title + ".swish")
            }
        }
    }

    private mutating func reshape(_ x: String, _ shape: [Int], _ title: String) -> String {
        let key = "shape." + shape.map(String.init).joined(separator: ".")
        return emit("Reshape", [x, integer(key, shape, [shape.count])], title)
    }

    // MARK: Nodes and constants

    private mutating func emit(
        _ type: String, _ inputs: [String], _ name: String, _ attributes: [Onnx_AttributeProto] = []
    ) -> String {
        var node = Onnx_NodeProto()
        (node.opType, node.name, node.input, node.output, node.attribute) = (type, name, inputs, [name], attributes)
        result.node.append(node)
        return name
    }

    private mutating func parameter(_ entry: ParameterLayout.Entry, shape: [Int]? = nil) -> String {
        constant(entry.name, weights.tensor(entry), shape ?? entry.shape)
    }

    private mutating func constant(_ name: String, _ values: [Float], _ shape: [Int]) -> String {
        add(name, .float, shape, values.withUnsafeBytes { Data($0) })
    }

    private mutating func integer(_ name: String, _ values: [Int], _ shape: [Int]) -> String {
        add(name, .int64, shape, values.map(Int64.init).withUnsafeBytes { Data($0) })
    }

    private mutating func add(
        _ name: String, _ type: Onnx_TensorProto.DataType, _ shape: [Int], _ bytes: Data
    ) -> String {
        guard constants.insert(name).inserted else { return name }
        var tensor = Onnx_TensorProto()
        tensor.name = name
        tensor.dataType = Int32(type.rawValue)
        tensor.dims = shape.map(Int64.init)
        tensor.rawData = bytes
        result.initializer.append(tensor)
        return name
    }

    private static func attribute(_ name: String, _ value: Int) -> Onnx_AttributeProto {
        var attribute = Onnx_AttributeProto()
        (attribute.name, attribute.i, attribute.type) = (name, Int64(value), .int)
        return attribute
    }

    private static func attribute(_ name: String, _ value: Float) -> Onnx_AttributeProto {
        var attribute = Onnx_AttributeProto()
        (attribute.name, attribute.f, attribute.type) = (name, value, .float)
        return attribute
    }

    private static func attribute(_ name: String, _ values: [Int]) -> Onnx_AttributeProto {
        var attribute = Onnx_AttributeProto()
        (attribute.name, attribute.ints, attribute.type) = (name, values.map(Int64.init), .ints)
        return attribute
    }
}
