public import SearchSpaces
public import Tensors

/// An elastic residual multilayer perceptron: a subnet is the leading rows and columns of every weight.
///
/// Pre-norm blocks with exact GELU; see `MLPFamily` for the network.
public struct MLPSupernet: MaskableSupernet {
    /// The space whose genomes the network takes.
    public let space: SearchSpace
    /// The largest genome that there are parameters for.
    public let largest: Genome
    let family: MLPFamily
    private let stem: LinearLayer
    private let blocks: [Block]
    private let finalNorm: NormLayer
    private let head: LinearLayer
    /// Where the parameters lie in a flat buffer.
    public let layout: ParameterLayout
    private let maskEntries: Masks
    /// How weights are merged from experts; nil for plain sharing and for one architecture alone.
    public let mixture: Mixture?

    private struct Block: Sendable {
        let norm: NormLayer
        let expansion: LinearLayer
        let contraction: LinearLayer
    }

    private struct Masks: Sendable {
        let plan: MaskPlan
        /// One value a channel of the stream.
        let width: ParameterLayout.Entry
        /// Of each block whether it is there, and one value a hidden unit.
        let blocks: [(gate: ParameterLayout.Entry, hidden: ParameterLayout.Entry)]
    }

    /// What a pass computes with: the parameters, and at full width the masks on what they compute.
    private struct Weights {
        let store: ParameterStore
        var masks: ParameterStore?
    }

    /// Creates the network of a space; it owns no memory.
    ///
    /// - Parameter genome: The one architecture that the parameters are for; without it they are the supernet's.
    init(_ family: MLPFamily, space: SearchSpace, only genome: Genome? = nil) {
        self.space = space
        self.family = family
        let largest = genome ?? space.largest
        self.largest = largest
        let width = family.width(of: largest),
            hidden = (0..<family.depth(of: largest)).map { family.hidden($0, of: largest) }
        var layout = ParameterLayout()
        stem = LinearLayer("stem", outputs: width, inputs: family.features, in: &layout)
        blocks = hidden.enumerated().map { index, hidden in
            Block(
                norm: NormLayer("blocks.\(index).norm", width: width, in: &layout),
                expansion: LinearLayer("blocks.\(index).expansion", outputs: hidden, inputs: width, in: &layout),
                contraction: LinearLayer("blocks.\(index).contraction", outputs: width, inputs: hidden, in: &layout))
        }
        finalNorm = NormLayer("finalNorm", width: width, in: &layout)
        head = LinearLayer("head", outputs: family.outputs, inputs: width, isZero: true, in: &layout)
        self.layout = layout
        maskEntries = Self.masks(family, width: width, hidden: hidden)
        mixture =
            genome == nil && space.mixture.isMixed
            ? Mixture(
                space, plain: layout,
                blocks: blocks.enumerated().map { index, block in
                    [
                        block.expansion.mixable("blocks.\(index).expansion"),
                        block.contraction.mixable("blocks.\(index).contraction"),
                    ]
                }) : nil
    }

    private static func masks(_ family: MLPFamily, width: Int, hidden: [Int]) -> Masks {
        var plan = MaskPlan()
        let stream = plan.add("width", count: width, .of(decision: MLPFamily.widthDecision, counts: family.width))
        // The hidden width is a product of two choices.
        let counts = family.expansion.map { ratio in family.width.map { Int(Double($0) * ratio) } }
        let blocks = hidden.enumerated().map { index, hidden in
            (
                gate: plan.add(
                    "blocks.\(index).gate", count: 1,
                    .of(decision: MLPFamily.depthDecision, counts: family.depth.map { $0 > index ? 1 : 0 })),
                hidden: plan.add(
                    "blocks.\(index).hidden", count: hidden,
                    .ofProduct(
                        first: MLPFamily.widthDecision, second: MLPFamily.expansionDecision(index), counts: counts))
            )
        }
        return Masks(plan: plan, width: stream, blocks: blocks)
    }

    /// The masks of the network's units.
    public var masks: MaskPlan { maskEntries.plan }

    /// The sizes of a genome, as a loader needs them.
    public func sizes(of genome: Genome) -> [String: ModelDescription.Sizes] {
        [
            "features": .one(family.features), "outputs": .one(family.outputs), "width": .one(family.width(of: genome)),
            "hidden": .list((0..<family.depth(of: genome)).map { family.hidden($0, of: genome) }),
        ]
    }

    /// The leading parts of the parameters that a genome uses, in layout order.
    public func slices(of genome: Genome) -> [ParameterSlice] {
        let width = family.width(of: genome)
        var slices: [ParameterSlice] = []
        stem.addSlices(outputs: width, inputs: family.features, to: &slices)
        for index in 0..<family.depth(of: genome) {
            let block = blocks[index], hidden = family.hidden(index, of: genome)
            block.norm.addSlices(width: width, to: &slices)
            block.expansion.addSlices(outputs: hidden, inputs: width, to: &slices)
            block.contraction.addSlices(outputs: width, inputs: hidden, to: &slices)
        }
        finalNorm.addSlices(width: width, to: &slices)
        head.addSlices(outputs: family.outputs, inputs: width, to: &slices)
        return slices
    }

    /// Outputs of a batch of examples under a genome; see ``Supernet``.
    ///
    /// Shapes: inputs (batch, features), result (batch, outputs).
    public func forward(
        _ inputs: MatrixView, as genome: Genome, with store: ParameterStore, on tape: Tape
    ) -> Variable {
        let weights = Weights(store: store)
        var stream = read(take(inputs, on: tape), width: family.width(of: genome), weights, tape)
        for index in 0..<family.depth(of: genome) {
            stream = transform(index, stream, hidden: family.hidden(index, of: genome), weights, tape)
        }
        return answer(stream, weights, tape)
    }

    /// Outputs of a batch of examples under masks, at full width; see ``MaskableSupernet``.
    public func forward(
        _ inputs: MatrixView, masked masks: ParameterStore, with store: ParameterStore, on tape: Tape
    ) -> Variable {
        let weights = Weights(store: store, masks: masks)
        var stream = read(take(inputs, on: tape), width: family.width(of: largest), weights, tape)
        for index in blocks.indices {
            stream = transform(index, stream, hidden: family.hidden(index, of: largest), weights, tape)
        }
        return answer(stream, weights, tape)
    }

    /// Outputs of a batch of examples under many genomes; see ``Supernet``.
    ///
    /// The parts of a network are the stem, by its width, and the blocks, by their hidden widths.
    public func evaluate(
        _ inputs: MatrixView, as genomes: [Genome], with store: ParameterStore, on tape: Tape,
        _ receive: (Int, MatrixView) -> Void
    ) {
        let weights = Weights(store: store)
        tape.begin(recording: false)
        let examples = take(inputs, on: tape)
        let paths = genomes.enumerated().map { index, genome in
            PrefixTree.Path(
                index: index,
                keys: [family.width(of: genome)]
                    + (0..<family.depth(of: genome)).map { family.hidden($0, of: genome) })
        }
        let tree = PrefixTree(
            paths: paths.sorted(),
            part: { level, key, stream in
                guard let stream else { return read(examples, width: key, weights, tape) }
                return transform(level - 1, stream, hidden: key, weights, tape)
            }, outputs: { answer($0, weights, tape) })
        tree.walk(on: tape, receive)
    }

    /// What the largest genome computes; see ``Supernet/inference``.
    public var inference: InferenceGraph? {
        var graph = InferenceGraph(input: .row(columns: family.features))
        var stream = graph.add(stem, graph.input)
        for block in blocks {
            let normal = graph.add(block.norm, stream)
            let inner = graph.add(block.expansion, normal, function: .gelu)
            stream = graph.add(block.contraction, inner, adding: stream)
        }
        _ = graph.add(head, graph.add(finalNorm, stream))
        return graph
    }

    // MARK: Parts

    private func take(_ inputs: MatrixView, on tape: Tape) -> Variable {
        let examples = tape.input(rows: inputs.rows, columns: inputs.columns, needsGradient: false)
        tape.backend.copy(inputs, to: examples.value)
        return examples
    }

    private func read(_ examples: Variable, width: Int, _ weights: Weights, _ tape: Tape) -> ResidualStream {
        let values = stem(examples, outputs: width, weights.store, on: tape)
        return ResidualStream(sum: tape.dropout(values, rowsPerExample: 1), branch: nil, rowsPerExample: 1)
    }

    private func transform(
        _ index: Int, _ stream: ResidualStream, hidden: Int, _ weights: Weights, _ tape: Tape
    ) -> ResidualStream {
        let block = blocks[index]
        let (sum, normal) = norm(stream, block.norm, weights, tape)
        var inner = block.expansion(normal, outputs: hidden, weights.store, on: tape, activation: .gelu)
        if let masks = weights.masks { inner = tape.mask(inner, by: masks.slice(maskEntries.blocks[index].hidden)) }
        let width = sum.value.columns
        var branch = block.contraction(inner, outputs: width, weights.store, on: tape)
        if let masks = weights.masks {
            branch = tape.mask(branch, by: masks.slice(maskEntries.blocks[index].gate), unit: width)
        }
        return ResidualStream(sum: sum, branch: tape.dropout(branch, rowsPerExample: 1), rowsPerExample: 1)
    }

    private func answer(_ stream: ResidualStream, _ weights: Weights, _ tape: Tape) -> Variable {
        let (_, normal) = norm(stream, finalNorm, weights, tape)
        return head(normal, outputs: family.outputs, weights.store, on: tape)
    }

    private func norm(
        _ stream: ResidualStream, _ layer: NormLayer, _ weights: Weights, _ tape: Tape
    ) -> (sum: Variable, y: Variable) {
        layer(stream, weights.store, mask: weights.masks.map { $0.slice(maskEntries.width) }, on: tape)
    }
}
