internal import Supernets
internal import Tensors

/// The text of a C file: what a network computes as a row of calls over one static block of memory, with the functions that it needs
/// and the parameters as constants.
struct CSource {
    private let graph: InferenceGraph
    private let plan: ArenaPlan
    private let weights: CWeights
    private let isRounded: Bool
    private let name: String
    private var calls: [String] = []
    private var constants: [UInt8] = []
    private var known: Set<String> = []
    private var functions: [String] = [], functionNames: Set<String> = []
    private var activations: Set<CActivation> = []
    private var library: Set<String> = []
    /// Bytes of all constants.
    private(set) var weightBytes = 0

    /// Writes all steps.
    init(
        _ graph: InferenceGraph, _ plan: ArenaPlan, _ weights: CWeights, name: String, precision: WeightPrecision,
        scaling: InputScaling?, targets: ModelDescription.Scaling?
    ) {
        (self.graph, self.plan, self.weights, self.name) = (graph, plan, weights, name)
        isRounded = precision == .int8
        let texts = CFunctions(isRounded: isRounded)
        if let scaling {
            let mean = constant("input_mean", scaling.mean), deviation = constant("input_deviation", scaling.deviation)
            let count = graph[graph.input].count
            call(
                "normalise", CFunctions.normalise,
                ["input", mean, deviation, place(graph.input), count, scaling.mean.count])
        }
        for step in graph.steps { write(step, texts) }
        if let targets {
            let mean = constant("output_mean", targets.mean)
            let deviation = constant("output_deviation", targets.deviation)
            call("rescale", CFunctions.scale, ["output", mean, deviation, targets.mean.count])
        }
    }

    /// The names that it takes from the mathematical library.
    var libraryNames: [String] { library.sorted() }

    /// The whole file.
    ///
    /// - Parameter comment: What is said first.
    func text(comment: String) -> [UInt8] {
        let upper = name.uppercased(), isUsed = !activations.isEmpty
        let names = CActivation.allCases.filter { activations.contains($0) || $0 == .identity }.map(\.rawValue)
        var text = comment + "#include \"\(name).h\"\n"
        if !library.isEmpty { text += "#include <math.h>\n" }
        if isRounded { text += "#include <stdint.h>\n" }
        text += "\n/* All memory that changes. */\nstatic float arena[\(upper)_ARENA_BYTES / sizeof(float)];\n\n"
        if isUsed { text += "enum { \(names.joined(separator: ", ")) };\n\n" + CFunctions.activate(activations) + "\n" }
        let body =
            "\n" + functions.map { $0 + "\n" }.joined() + "void \(name)_run(const float *input, float *output)\n{\n"
            + calls.map { "    \($0);\n" }.joined() + "}\n"
        return Array(text.utf8) + constants + Array(body.utf8)
    }

    // MARK: Steps

    private mutating func write(_ step: InferenceGraph.Step, _ texts: CFunctions) {
        let x = step.inputs[0], from = graph[x], to = graph[step.output], y = place(step.output)
        let function = use(Self.activation(step.function)), closing = use(Self.activation(step.closing))
        let added = step.added.map(place) ?? "0"
        switch step.operation {
        case .linear(let own):
            call(
                "linear", texts.linear,
                [place(x)] + factors(own, weights.matrix(own.weight))
                    + [added, y, from.rows, from.columns, to.columns, function, closing])
        case .convolution(let own, let window):
            call(
                "convolution", texts.convolution,
                [place(x)] + factors(own, weights.matrix(own.weight))
                    + [added, y, window.height, window.width, from.columns, window.kernel, window.step, to.columns]
                    + [function, closing])
        case .depthwise(let own, let window):
            call(
                "depthwise", texts.depthwise,
                [place(x)] + factors(own, weights.taps(own.weight), isDepthwise: true)
                    + [y, window.height, window.width, from.columns, window.kernel, window.step, function])
        case .layerNorm(let gain, let offset):
            library.insert("sqrtf")
            call(
                "layer_norm", CFunctions.layerNorm,
                [place(x), parameter(gain), parameter(offset), y, from.rows, from.columns])
        case .patches(let grid):
            call("patches", CFunctions.patches, [place(x), y, grid.height, grid.width, grid.channels, grid.side])
        case .tokens(let classToken, let positions):
            let table = constant("tokens", weights.table(classToken, positions))
            call("tokens", CFunctions.tokens, [place(x), table, y, to.rows, to.columns])
        case .first:
            if place(x) != y { call("first", CFunctions.first, [place(x), y, to.columns]) }
        case .attention(let headWidth):
            library.insert("expf")
            let factor = Self.text(1 / Float(headWidth).squareRoot())
            call(
                "attention", CFunctions.attention,
                [
                    place(x), place(step.inputs[1]), place(step.inputs[2]), y, "arena + \(plan.activations)", from.rows,
                    graph[step.inputs[1]].rows, from.columns, headWidth, factor,
                ])
        case .mean: call("mean", CFunctions.mean, [place(x), y, from.rows, from.columns])
        case .meanPool(let window):
            call(
                "mean_pool", CFunctions.meanPool, [place(x), y, window.height, window.width, from.columns, window.step])
        case .maxPool(let window):
            call(
                "max_pool", CFunctions.maxPool,
                [place(x), y, window.height, window.width, from.columns, window.kernel, window.step])
        case .gate: call("gate", CFunctions.gate, [place(x), place(step.inputs[1]), y, from.rows, from.columns])
        }
    }

    private func place(_ value: InferenceGraph.Value) -> String {
        switch plan.places[value.index] {
        case .input: "input"
        case .output: "output"
        case .arena(let offset): "arena + \(offset)"
        }
    }

    private static func activation(_ function: InferenceGraph.Function) -> CActivation {
        switch function {
        case .identity, .map(.none): .identity
        case .gelu: .gelu
        case .map(.relu): .relu
        case .map(.relu6): .relu6
        case .map(.hardSwish): .hardSwish
        case .map(.swish): .swish
        }
    }

    private mutating func use(_ activation: CActivation) -> String {
        activations.insert(activation)
        if let name = activation.library { library.insert(name) }
        return activation.rawValue
    }

    /// A call, with its function where that is not there yet.
    private mutating func call(_ function: String, _ text: String, _ arguments: [any CustomStringConvertible]) {
        if functionNames.insert(function).inserted { functions.append(text) }
        calls.append("\(function)(\(arguments.map(\.description).joined(separator: ", ")))")
    }

    // MARK: Constants

    /// The weight, its scales where it has them, and its bias.
    private mutating func factors(
        _ own: InferenceGraph.Weights, _ matrix: [Float], isDepthwise: Bool = false
    ) -> [any CustomStringConvertible] {
        let bias = own.bias.map { parameter($0) } ?? "0"
        guard isRounded else { return [constant(own.weight.name, matrix), bias] }
        let rounded = RoundedWeight(matrix, columns: own.weight.columns, isDepthwise: isDepthwise)
        return [
            constant(own.weight.name, rounded.numbers.map { "\($0)" }, type: "int8_t", bytes: 1),
            constant(own.weight.name + ".scale", rounded.scales), bias,
        ]
    }

    private mutating func parameter(_ entry: ParameterLayout.Entry) -> String {
        constant(entry.name, weights.matrix(entry))
    }

    private mutating func constant(_ name: String, _ values: [Float]) -> String {
        constant(name, values.map(Self.text), type: "float", bytes: 4)
    }

    private mutating func constant(_ name: String, _ values: [String], type: String, bytes: Int) -> String {
        let identifier = "p_" + name.map { $0.isLetter || $0.isNumber ? String($0) : "_" }.joined()
        guard known.insert(identifier).inserted else { return identifier }
        weightBytes += values.count * bytes
        constants += Array("static const \(type) \(identifier)[\(values.count)] = {".utf8)
        for (place, value) in values.enumerated() {
            constants += Array((place % 8 == 0 ? "\n    " : " ").utf8)
            constants += Array(value.utf8)
            constants.append(UInt8(ascii: ","))
        }
        constants += Array("\n};\n".utf8)
        return identifier
    }

    /// A number as C has it, with all of its digits.
    static func text(_ value: Float) -> String { "\(value)f" }
}
