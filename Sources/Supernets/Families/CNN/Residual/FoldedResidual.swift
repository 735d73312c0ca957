internal import SearchSpaces
internal import Tensors

/// A convolution with a bias, into which its norm is folded.
struct FoldedLayer: Sendable {
    let weight: ParameterLayout.Entry
    let bias: ParameterLayout.Entry
}

extension ParameterLayout {
    /// Adds a convolution with a bias.
    mutating func addFolded(
        _ name: String, outputs: Int, inputs: Int, kernel: Int = 1, _ arrangement: TensorArrangement = .rows
    ) -> FoldedLayer {
        FoldedLayer(
            weight: add(
                "\(name).weight", .weight, shape: [outputs, inputs, kernel, kernel], arrangement: arrangement),
            bias: add("\(name).bias", .bias, shape: [outputs]))
    }
}

extension InferenceGraph {
    /// Adds a pointwise convolution.
    mutating func add(
        _ layer: FoldedLayer, _ x: Value, _ activation: CNNActivation?, adding added: Value? = nil,
        closing: CNNActivation? = nil
    ) -> Value {
        add(
            .linear(Weights(layer.weight, bias: layer.bias)), x, function: Function(activation?.mapActivation ?? .none),
            adding: added, closing: Function(closing?.mapActivation ?? .none))
    }

    /// Adds a convolution over all channels.
    mutating func add(
        _ layer: FoldedLayer, _ x: Value, _ window: MapWindow, _ activation: CNNActivation?, adding added: Value? = nil,
        closing: CNNActivation? = nil
    ) -> Value {
        add(
            .convolution(Weights(layer.weight, bias: layer.bias), window), x,
            function: Function(activation?.mapActivation ?? .none), adding: added,
            closing: Function(closing?.mapActivation ?? .none))
    }
}

/// What folded layers compute, in place where that is possible.
struct FoldedPass {
    let store: ParameterStore
    let tape: Tape

    /// A pointwise convolution.
    func linear(_ x: Variable, _ layer: FoldedLayer, _ activation: CNNActivation?) -> Variable {
        let weight = store.slice(layer.weight), bias = store.slice(layer.bias)
        guard let activation else { return tape.linear(x, weight: weight, bias: bias) }
        return tape.activate(
            tape.linear(x, weight: weight, bias: nil), bias: bias, by: activation.mapActivation)
    }

    /// A convolution over all channels.
    func dense(
        _ x: Variable, _ layer: FoldedLayer, _ window: MapWindow, _ activation: CNNActivation, shortcut: Variable? = nil
    ) -> Variable {
        tape.activate(
            tape.convolve(x, weight: store.slice(layer.weight), window), bias: store.slice(layer.bias),
            by: activation.mapActivation, shortcut: shortcut)
    }
}

/// What a deep stem has before its last convolution, with norms folded.
struct FoldedDeepStem: Sendable {
    private let first: FoldedLayer
    private let between: [FoldedLayer]

    init?(_ stem: CNNStem, channels: Int, in layout: inout ParameterLayout) {
        guard let inner = stem.inner else { return nil }
        first = layout.addFolded(
            "stem.first", outputs: inner, inputs: channels, kernel: stem.kernel, .windows(inputs: channels))
        between = (0..<stem.between).map {
            layout.addFolded("stem.between.\($0)", outputs: inner, inputs: inner, kernel: stem.kernel)
        }
    }

    func callAsFunction(_ windows: Variable, _ stem: CNNStem, _ pass: FoldedPass) -> Variable {
        between.reduce(pass.linear(windows, first, stem.activation)) {
            pass.dense($0, $1, stem.window, stem.activation, shortcut: $0)
        }
    }

    /// Adds what it computes of the input to a graph.
    func add(_ window: MapWindow, _ stem: CNNStem, to graph: inout InferenceGraph) -> InferenceGraph.Value {
        var map = graph.add(first, graph.input, window, stem.activation)
        for layer in between { map = graph.add(layer, map, stem.window, stem.activation, adding: map) }
        return map
    }

    /// Hands out each layer with the one that it comes from.
    func forEach(of source: DeepStem?, _ fold: (NormalizedLayer, FoldedLayer) -> Void) {
        guard let source else { return }
        fold(source.first, first)
        for (from, to) in zip(source.between, between) { fold(from, to) }
    }
}

/// A block of a residual network with its norms folded.
struct FoldedResidual: Sendable {
    let sizes: CNNBlock
    private let shortcut: FoldedLayer?
    private let plainShortcut: ParameterLayout.Entry?
    private let reduce: FoldedLayer?
    private let spatial: FoldedLayer
    private let project: FoldedLayer

    init(_ block: CNNBlock, in layout: inout ParameterLayout) {
        let name = "blocks.\(block.number)", isBasic = block.kind == .basic
        sizes = block
        shortcut =
            block.shortcut == .pooled(hasNorm: true)
            ? layout.addFolded("\(name).shortcut", outputs: block.output, inputs: block.input) : nil
        plainShortcut =
            block.shortcut == .pooled(hasNorm: false)
            ? layout.add("\(name).shortcut.weight", .weight, shape: [block.output, block.input, 1, 1]) : nil
        reduce =
            block.hasExpand ? layout.addFolded("\(name).reduce", outputs: block.middle, inputs: block.input) : nil
        spatial = layout.addFolded(
            "\(name).spatial", outputs: block.middle, inputs: isBasic ? block.input : block.middle,
            kernel: block.kernel)
        project = layout.addFolded(
            "\(name).project", outputs: block.output, inputs: block.middle, kernel: isBasic ? block.kernel : 1)
    }

    /// The last convolution adds its outputs to those of the shortcut where these stand.
    func callAsFunction(_ x: Variable, _ pass: FoldedPass) -> Variable {
        let tape = pass.tape, store = pass.store
        var sum = x
        if case .pooled = sizes.shortcut {
            if sizes.stride > 1 { sum = tape.meanPool(x, sizes.window) }
            if let shortcut {
                sum = pass.linear(sum, shortcut, nil)
            } else if let plainShortcut {
                sum = tape.linear(sum, weight: store.slice(plainShortcut), bias: nil)
            }
        }
        var y = x
        if let reduce { y = pass.linear(y, reduce, sizes.activation) }
        y = pass.dense(y, spatial, sizes.window, sizes.activation)
        let weight = store.slice(project.weight), bias = store.slice(project.bias)
        if sizes.kind == .basic {
            tape.addConvolution(y, weight: weight, bias: bias, sizes.outputWindow, to: sum)
        } else {
            tape.addLinear(y, weight: weight, bias: bias, to: sum)
        }
        return tape.activate(sum, by: sizes.activation.mapActivation)
    }

    /// Adds what it computes to a graph.
    func add(_ x: InferenceGraph.Value, to graph: inout InferenceGraph) -> InferenceGraph.Value {
        var sum = x
        if case .pooled = sizes.shortcut {
            if sizes.stride > 1 { sum = graph.add(.meanPool(sizes.window), x) }
            if let shortcut {
                sum = graph.add(shortcut, sum, nil)
            } else if let plainShortcut {
                sum = graph.add(.linear(InferenceGraph.Weights(plainShortcut, bias: nil)), sum)
            }
        }
        var y = reduce.map { graph.add($0, x, sizes.activation) } ?? x
        y = graph.add(spatial, y, sizes.window, sizes.activation)
        guard sizes.kind == .basic else {
            return graph.add(project, y, nil, adding: sum, closing: sizes.activation)
        }
        return graph.add(project, y, sizes.outputWindow, nil, adding: sum, closing: sizes.activation)
    }

    /// Hands out each layer with the one that it comes from.
    func forEach(
        of source: ResidualBlock, _ fold: (NormalizedLayer, FoldedLayer) -> Void,
        copy: (ParameterLayout.Entry, ParameterLayout.Entry) -> Void
    ) {
        if let from = source.shortcut, let to = shortcut { fold(from, to) }
        if let from = source.plainShortcut, let to = plainShortcut { copy(from, to) }
        if let from = source.reduce, let to = reduce { fold(from, to) }
        fold(source.spatial, spatial)
        fold(source.project, project)
    }
}
