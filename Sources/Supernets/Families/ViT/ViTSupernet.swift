public import SearchSpaces
public import Tensors

/// An elastic vision transformer with weight entanglement: a subnet is the leading rows and columns of every weight.
///
/// Pre-norm blocks, exact GELU, a class token that the head reads. The architecture is an argument of `forward`, never
/// state of a layer.
///
/// Source: Chen et al., "AutoFormer: Searching Transformers for Visual Recognition" (ICCV 2021), section 3.2.
public struct ViTSupernet: MaskableSupernet {
    /// The space whose genomes the network takes.
    public let space: SearchSpace
    /// The largest genome that there are parameters for.
    public let largest: Genome
    let geometry: ViTFamily
    let sizes: ViTArchitecture
    let parameters: ViTParameters
    let maskEntries: ViTMasks
    /// How weights are merged from experts; nil for plain sharing and for one architecture alone.
    public let mixture: Mixture?

    /// Creates the network of a space; it owns no memory.
    ///
    /// - Parameters:
    ///   - geometry: The family of the space.
    ///   - genome: The one architecture that the parameters are for; without it they are the supernet's.
    init(_ geometry: ViTFamily, space: SearchSpace, only genome: Genome? = nil) {
        self.space = space
        self.geometry = geometry
        largest = genome ?? space.largest
        sizes = geometry.shape(of: largest).architecture
        parameters = ViTParameters(geometry, sizes: sizes)
        maskEntries = ViTMasks(geometry, sizes: sizes)
        mixture =
            genome == nil && space.mixture.isMixed
            ? Mixture(space, plain: parameters.layout, blocks: parameters.mixableLayers) : nil
    }

    /// The sizes of a genome, as a loader needs them.
    public func sizes(of genome: Genome) -> [String: ModelDescription.Sizes] {
        let sizes = geometry.shape(of: genome).architecture, image = geometry.image
        return [
            "embed": .one(sizes.embed), "heads": .list(sizes.heads), "mlpHidden": .list(sizes.mlpHidden),
            "headWidth": .one(geometry.headWidth), "image": .list([image.height, image.width, image.channels]),
            "patch": .one(geometry.patch), "classes": .one(geometry.classes),
        ]
    }

    /// What a pass computes with: the parameters, and at full width the masks on what they compute.
    struct Weights {
        let store: ParameterStore
        var masks: (values: ParameterStore, places: ViTMasks)?
    }

    /// Where the parameters lie in a flat buffer.
    public var layout: ParameterLayout { parameters.layout }

    /// The leading parts of the parameters that a genome uses, in layout order.
    public func slices(of genome: Genome) -> [ParameterSlice] {
        parameters.slices(of: geometry.shape(of: genome), in: geometry)
    }

    /// Logits of a batch of images under a genome; see ``Supernet``.
    ///
    /// Shapes: images (batch, height * width * channels) as NHWC, result (batch, classes).
    public func forward(
        _ images: MatrixView, as genome: Genome, with store: ParameterStore, on tape: Tape
    ) -> Variable {
        let shape = geometry.shape(of: genome)
        let weights = Weights(store: store)
        var stream = embed(cutPatches(of: images, on: tape), width: shape.embed, with: weights, on: tape)
        for index in 0..<shape.depth {
            stream = attend(
                index, stream, heads: shape.heads(index), isLast: index == shape.depth - 1, with: weights, on: tape)
            stream = transform(index, stream, hidden: shape.mlpHidden(index), with: weights, on: tape)
        }
        return classify(stream, with: weights, on: tape)
    }

    /// The patches of a batch of images: row (image, patch) holds its values in the order (row, column, channel).
    func cutPatches(of images: MatrixView, on tape: Tape) -> Variable {
        let patches = tape.input(
            rows: images.rows * (geometry.tokens - 1), columns: geometry.patchValues, needsGradient: false)
        let image = geometry.image
        tape.backend.cutPatches(
            of: images,
            PatchGrid(height: image.height, width: image.width, channels: image.channels, side: geometry.patch),
            into: patches.value)
        return patches
    }

    /// The token stream of a batch before the first block.
    func embed(_ patches: Variable, width: Int, with weights: Weights, on tape: Tape) -> ResidualStream {
        let store = weights.store
        let vectors = parameters.patch(patches, outputs: width, weights.store, on: tape)
        let tokens = tape.tokens(
            vectors, classToken: store.slice(parameters.classToken, columns: width),
            positions: store.slice(parameters.positions, columns: width))
        return ResidualStream(
            sum: tape.dropout(tokens, rowsPerExample: geometry.tokens), branch: nil,
            rowsPerExample: geometry.tokens)
    }

    /// The attention half of a pre-norm block, whose result stays an open branch.
    ///
    /// The head reads the class token alone. So in the last block only that token asks, and everything is computed for it
    /// alone: the same network, less work.
    func attend(
        _ index: Int, _ stream: ResidualStream, heads: Int, isLast: Bool, with weights: Weights, on tape: Tape
    ) -> ResidualStream {
        let store = weights.store
        let block = parameters.blocks[index]
        let tokens = geometry.tokens, attention = heads * geometry.headWidth
        let (before, normal) = norm(stream, block.attentionNorm, weights, tape)
        let width = before.value.columns
        let kept: Variable
        var mixed: Variable
        if isLast {
            kept = tape.firstToken(before, tokens: tokens)
            let asking = tape.firstToken(normal, tokens: tokens)
            mixed = tape.classAttention(
                query: block.query(asking, outputs: attention, weights.store, on: tape), over: normal,
                key: store.slice(block.key.weight, rows: attention, columns: width),
                value: store.slice(block.value.weight, rows: attention, columns: width),
                valueBias: store.slice(block.value.bias, columns: attention), tokens: tokens,
                headWidth: geometry.headWidth)
        } else {
            kept = before
            mixed = tape.attention(
                query: block.query(normal, outputs: attention, weights.store, on: tape),
                key: block.key(normal, outputs: attention, weights.store, on: tape),
                value: block.value(normal, outputs: attention, weights.store, on: tape), tokens: tokens,
                headWidth: geometry.headWidth)
        }
        if let masks = weights.masks {
            let heads = masks.values.slice(masks.places.blocks[index].heads)
            mixed = tape.mask(mixed, by: heads, unit: geometry.headWidth)
        }
        let projected = gate(block.projection(mixed, outputs: width, weights.store, on: tape), index, weights, tape)
        let rowsPerExample = isLast ? 1 : tokens
        return ResidualStream(
            sum: kept, branch: tape.dropout(projected, rowsPerExample: rowsPerExample), rowsPerExample: rowsPerExample)
    }

    /// The MLP half of a pre-norm block, whose result stays an open branch.
    func transform(
        _ index: Int, _ stream: ResidualStream, hidden: Int, with weights: Weights, on tape: Tape
    ) -> ResidualStream {
        let block = parameters.blocks[index]
        let (between, normal) = norm(stream, block.mlpNorm, weights, tape)
        var inner = block.expansion(normal, outputs: hidden, weights.store, on: tape, activation: .gelu)
        if let masks = weights.masks {
            inner = tape.mask(inner, by: masks.values.slice(masks.places.blocks[index].hidden))
        }
        let branch = gate(
            block.contraction(inner, outputs: between.value.columns, weights.store, on: tape), index, weights, tape)
        return ResidualStream(
            sum: between, branch: tape.dropout(branch, rowsPerExample: stream.rowsPerExample),
            rowsPerExample: stream.rowsPerExample)
    }

    /// Logits from what the last block left: one row an image.
    func classify(_ stream: ResidualStream, with weights: Weights, on tape: Tape) -> Variable {
        let (_, normal) = norm(stream, parameters.finalNorm, weights, tape)
        return parameters.head(normal, outputs: geometry.classes, weights.store, on: tape)
    }

    /// A branch of a block, times whether the block is there.
    private func gate(_ branch: Variable, _ index: Int, _ weights: Weights, _ tape: Tape) -> Variable {
        guard let masks = weights.masks else { return branch }
        return tape.mask(branch, by: masks.values.slice(masks.places.blocks[index].gate), unit: branch.value.columns)
    }

    private func norm(
        _ x: ResidualStream, _ layer: NormLayer, _ weights: Weights, _ tape: Tape
    ) -> (sum: Variable, y: Variable) {
        layer(x, weights.store, mask: weights.masks.map { $0.values.slice($0.places.embed) }, on: tape)
    }
}
