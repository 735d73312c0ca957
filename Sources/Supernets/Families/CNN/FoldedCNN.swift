internal import SearchSpaces
internal import Tensors

/// A convolutional network of one architecture with its norms folded into the layers before them: what a device runs.
///
/// It is evaluated and never trained. Activations take the place of what they are of, gates too, and a branch is added to the
/// block's input where that stands, so that a forward of one example holds `activationBytes` at a time.
///
/// Source: Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference" (CVPR
/// 2018), section 3.2.
struct FoldedCNN: Supernet {
    private enum Block: Sendable {
        case inverted(Inverted)
        case residual(FoldedResidual)
    }

    private struct Inverted: Sendable {
        let sizes: CNNBlock
        let expand: FoldedLayer?
        let depthwise: FoldedLayer
        let squeeze: LinearLayer?
        let excite: LinearLayer?
        let project: FoldedLayer

        init(_ block: CNNBlock, in layout: inout ParameterLayout) {
            let name = "blocks.\(block.number)"
            sizes = block
            expand =
                block.hasExpand ? layout.addFolded("\(name).expand", outputs: block.middle, inputs: block.input) : nil
            depthwise = layout.addFolded(
                "\(name).depthwise", outputs: block.middle, inputs: 1, kernel: block.kernel, .rings)
            squeeze = block.squeezed.map {
                LinearLayer("\(name).squeeze", outputs: $0, inputs: block.middle, in: &layout)
            }
            excite = block.squeezed.map {
                LinearLayer("\(name).excite", outputs: block.middle, inputs: $0, in: &layout)
            }
            project = layout.addFolded("\(name).project", outputs: block.output, inputs: block.middle)
        }
    }

    let space: SearchSpace
    let largest: Genome
    let layout: ParameterLayout
    private let family: CNNFamily
    private let network: CNNArchitecture
    private let resolution: CNNResolution
    private let deepStem: FoldedDeepStem?
    private let stem: FoldedLayer
    private let blocks: [Block]
    private let head: FoldedLayer?
    private let mix: ParameterLayout.Entry?
    private let classifier: LinearLayer

    init(_ family: CNNFamily, space: SearchSpace, of genome: Genome) {
        let network = family.architecture(of: genome)
        self.family = family
        self.network = network
        resolution = CNNResolution(family, only: network.input)
        self.space = space
        largest = genome
        var layout = ParameterLayout()
        deepStem = FoldedDeepStem(network.stem, channels: network.channels, in: &layout)
        stem = layout.addFolded(
            "stem", outputs: network.stem.width, inputs: network.stem.inner ?? network.channels,
            kernel: network.stem.kernel,
            network.stem.inner == nil ? .windows(inputs: network.channels) : .rows)
        blocks = network.blocks.map { block in
            block.kind.isResidual
                ? .residual(FoldedResidual(block, in: &layout)) : .inverted(Inverted(block, in: &layout))
        }
        head = network.head.width.map { layout.addFolded("head", outputs: $0, inputs: network.lastChannels) }
        let width = network.head.width ?? network.lastChannels
        mix = network.head.mix.map { layout.add("mix.weight", .weight, shape: [$0, width]) }
        classifier = LinearLayer(
            "classifier", outputs: network.classes, inputs: network.head.mix ?? width, in: &layout)
        self.layout = layout
    }

    var mixture: Mixture? { nil }

    func sizes(of genome: Genome) -> [String: ModelDescription.Sizes] { family.sizes(of: network) }

    func slices(of genome: Genome) -> [ParameterSlice] {
        precondition(genome == largest, "there is one architecture")
        return layout.entries.map { ParameterSlice(entry: $0) }
    }

    func forward(_ images: MatrixView, as genome: Genome, with store: ParameterStore, on tape: Tape) -> Variable {
        precondition(genome == largest && !tape.isRecording, "a folded network is evaluated, and has one architecture")
        let pass = FoldedPass(store: store, tape: tape), input = network.input
        let window = MapWindow(
            height: input.height, width: input.width, kernel: network.stem.kernel, step: network.stem.stride)
        let windows = tape.windows(of: resolution(images, to: input, on: tape), window), wide = network.stem
        var map =
            deepStem.map { pass.dense($0(windows, wide, pass), stem, wide.window, wide.activation) }
            ?? pass.linear(windows, stem, wide.activation)
        if wide.hasPool { map = tape.maxPool(map, wide.poolWindow) }
        for block in blocks {
            switch block {
            case .inverted(let block): map = transform(map, block, pass)
            case .residual(let block): map = block(map, pass)
            }
        }
        if let head { map = pass.linear(map, head, network.head.activation) }
        var row = tape.meanToken(map, tokens: network.lastMap.places)
        if let mix {
            row = tape.activate(
                tape.linear(row, weight: store.slice(mix), bias: nil),
                by: network.head.activation.mapActivation)
        }
        return classifier(row, outputs: network.classes, store, on: tape)
    }

    var inference: InferenceGraph? {
        let input = network.input, wide = network.stem
        var graph = InferenceGraph(input: .map(height: input.height, width: input.width, columns: network.channels))
        let window = MapWindow(height: input.height, width: input.width, kernel: wide.kernel, step: wide.stride)
        var map =
            deepStem.map { $0.add(window, wide, to: &graph) }.map { graph.add(stem, $0, wide.window, wide.activation) }
            ?? graph.add(stem, graph.input, window, wide.activation)
        if wide.hasPool { map = graph.add(.maxPool(wide.poolWindow), map) }
        for block in blocks {
            switch block {
            case .inverted(let block): map = Self.add(block, map, to: &graph)
            case .residual(let block): map = block.add(map, to: &graph)
            }
        }
        if let head { map = graph.add(head, map, network.head.activation) }
        var row = graph.add(.mean, map)
        if let mix {
            row = graph.add(
                .linear(InferenceGraph.Weights(mix, bias: nil)), row,
                function: InferenceGraph.Function(network.head.activation.mapActivation))
        }
        _ = graph.add(classifier, row)
        return graph
    }

    private static func add(
        _ block: Inverted, _ x: InferenceGraph.Value, to graph: inout InferenceGraph
    ) -> InferenceGraph.Value {
        let sizes = block.sizes
        var y = block.expand.map { graph.add($0, x, sizes.activation) } ?? x
        y = graph.add(
            .depthwise(InferenceGraph.Weights(block.depthwise.weight, bias: block.depthwise.bias), sizes.window), y,
            function: InferenceGraph.Function(sizes.activation.mapActivation))
        if let squeeze = block.squeeze, let excite = block.excite {
            let inner = graph.add(squeeze, graph.add(.mean, y), function: .map(.relu))
            y = graph.add(.gate, y, graph.add(excite, inner))
        }
        return graph.add(block.project, y, nil, adding: sizes.hasShortcut ? x : nil)
    }

    func evaluate(
        _ images: MatrixView, as genomes: [Genome], with store: ParameterStore, on tape: Tape,
        _ receive: (Int, MatrixView) -> Void
    ) {
        tape.begin(recording: false)
        guard let genome = genomes.first else { return }
        let outputs = forward(images, as: genome, with: store, on: tape).value
        for index in genomes.indices { receive(index, outputs) }
    }

    private func transform(_ x: Variable, _ block: Inverted, _ pass: FoldedPass) -> Variable {
        let sizes = block.sizes, tape = pass.tape, store = pass.store
        var y = x
        if let expand = block.expand { y = pass.linear(y, expand, sizes.activation) }
        y = tape.activate(
            tape.depthwise(y, weight: store.slice(block.depthwise.weight), sizes.window),
            bias: store.slice(block.depthwise.bias), by: sizes.activation.mapActivation)
        if let squeeze = block.squeeze, let excite = block.excite, let squeezed = sizes.squeezed {
            let inner = squeeze(
                tape.meanToken(y, tokens: sizes.outputMap.places), outputs: squeezed, store, on: tape,
                activation: .relu)
            y = tape.gateMaps(y, by: excite(inner, outputs: sizes.middle, store, on: tape))
        }
        guard sizes.hasShortcut else { return pass.linear(y, block.project, nil) }
        tape.addLinear(
            y, weight: store.slice(block.project.weight), bias: store.slice(block.project.bias), to: x)
        return x
    }

    /// Writes the parameters; see ``CalibratedSupernet/fold(_:into:on:)``.
    func fold(
        _ values: FloatBuffer, of parameters: CNNParameters, into folded: FloatBuffer, on backend: any Backend
    ) {
        func copy(_ source: ParameterLayout.Entry, _ target: ParameterLayout.Entry) {
            backend.copy(source.view(of: values), to: target.view(of: folded))
        }
        func fold(_ layer: NormalizedLayer, _ own: FoldedLayer) {
            let statistics = parameters.statistics[layer.norm]
            let rows = [layer.gain, layer.offset, statistics.mean, statistics.variance].map {
                backend.download($0.view(of: values)).map(Double.init)
            }
            copy(layer.weight, own.weight)
            let weight = own.weight.view(of: folded)
            let biases = rows[0].indices.map { channel in
                let factor = rows[0][channel] / (rows[3][channel] + family.epsilon).squareRoot()
                let part =
                    own.weight.arrangement == .rings
                    ? weight.block(row: 0, column: channel, rows: weight.rows, columns: 1)
                    : weight.block(row: channel, column: 0, rows: 1, columns: weight.columns)
                backend.scale(part, by: Float(factor))
                return Float(rows[1][channel] - factor * rows[2][channel])
            }
            backend.upload(biases, to: own.bias.view(of: folded))
        }
        func copy(_ source: LinearLayer, _ target: LinearLayer) {
            copy(source.weight, target.weight)
            copy(source.bias, target.bias)
        }
        deepStem?.forEach(of: parameters.deepStem, fold)
        fold(parameters.stem, stem)
        for block in blocks {
            switch block {
            case .residual(let block):
                parameters.residual[block.sizes.number].map { block.forEach(of: $0, fold, copy: copy) }
            case .inverted(let block):
                guard let source = parameters.blocks[block.sizes.number] else { continue }
                if let from = source.expand, let to = block.expand { fold(from, to) }
                fold(source.depthwise, block.depthwise)
                if let from = source.squeeze, let to = block.squeeze { copy(from, to) }
                if let from = source.excite, let to = block.excite { copy(from, to) }
                fold(source.project, block.project)
            }
        }
        if let from = parameters.head, let to = head { fold(from, to) }
        if let from = parameters.mix, let to = mix { copy(from, to) }
        copy(parameters.classifier, classifier)
    }
}
