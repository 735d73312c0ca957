public import SearchSpaces
public import Tensors

/// An elastic vision transformer with weight entanglement: a subnet is the leading rows and columns of every weight.
///
/// Pre-norm blocks, exact GELU, a class token that the head reads. The architecture is an argument of `forward`, never
/// state of a layer.
///
/// Source: Chen et al., "AutoFormer: Searching Transformers for Visual Recognition" (ICCV 2021), section 3.2.
public struct ViTSupernet: Supernet {
    /// The space whose genomes the network takes.
    public let space: SearchSpace
    /// The largest genome that there are parameters for.
    public let largest: Genome
    let geometry: ViTFamily
    let sizes: ViTArchitecture
    let parameters: ViTParameters
    let masks: ViTMasks
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
        masks = ViTMasks(sizes: sizes)
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
    func embed(_ patches: Variable, width: Int, with weights: Weights, on tape: Tape) -> TokenStream {
        let store = weights.store
        let vectors = linear(patches, parameters.patch, outputs: width, store, tape)
        let tokens = tape.tokens(
            vectors, classToken: store.slice(parameters.classToken, columns: width),
            positions: store.slice(parameters.positions, columns: width))
        return TokenStream(
            sum: tape.dropout(tokens, rowsPerExample: geometry.tokens), branch: nil,
            rowsPerExample: geometry.tokens)
    }

    /// The attention half of a pre-norm block, whose result stays an open branch.
    ///
    /// The head reads the class token alone. So in the last block only that token asks, and everything is computed for it
    /// alone: the same network, less work.
    func attend(
        _ index: Int, _ stream: TokenStream, heads: Int, isLast: Bool, with weights: Weights, on tape: Tape
    ) -> TokenStream {
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
                query: linear(asking, block.query, outputs: attention, store, tape), over: normal,
                key: store.slice(block.key.weight, rows: attention, columns: width),
                value: store.slice(block.value.weight, rows: attention, columns: width),
                valueBias: store.slice(block.value.bias, columns: attention), tokens: tokens,
                headWidth: geometry.headWidth)
        } else {
            kept = before
            mixed = tape.attention(
                query: linear(normal, block.query, outputs: attention, store, tape),
                key: linear(normal, block.key, outputs: attention, store, tape),
                value: linear(normal, block.value, outputs: attention, store, tape), tokens: tokens,
                headWidth: geometry.headWidth)
        }
        if let masks = weights.masks {
            let heads = masks.values.slice(masks.places.blocks[index].heads)
            mixed = tape.mask(mixed, by: heads, unit: geometry.headWidth)
        }
        let projected = gate(linear(mixed, block.projection, outputs: width, store, tape), index, weights, tape)
        let rowsPerExample = isLast ? 1 : tokens
        return TokenStream(
            sum: kept, branch: tape.dropout(projected, rowsPerExample: rowsPerExample), rowsPerExample: rowsPerExample)
    }

    /// The MLP half of a pre-norm block, whose result stays an open branch.
    func transform(
        _ index: Int, _ stream: TokenStream, hidden: Int, with weights: Weights, on tape: Tape
    ) -> TokenStream {
        let store = weights.store
        let block = parameters.blocks[index]
        let (between, normal) = norm(stream, block.mlpNorm, weights, tape)
        var inner = linear(normal, block.expansion, outputs: hidden, store, tape, activation: .gelu)
        if let masks = weights.masks {
            inner = tape.mask(inner, by: masks.values.slice(masks.places.blocks[index].hidden))
        }
        let branch = gate(
            linear(inner, block.contraction, outputs: between.value.columns, store, tape), index, weights, tape)
        return TokenStream(
            sum: between, branch: tape.dropout(branch, rowsPerExample: stream.rowsPerExample),
            rowsPerExample: stream.rowsPerExample)
    }

    /// Logits from what the last block left: one row an image.
    func classify(_ stream: TokenStream, with weights: Weights, on tape: Tape) -> Variable {
        let (_, normal) = norm(stream, parameters.finalNorm, weights, tape)
        return linear(normal, parameters.head, outputs: geometry.classes, weights.store, tape)
    }

    private func linear(
        _ x: Variable, _ layer: ViTParameters.Linear, outputs: Int, _ store: ParameterStore, _ tape: Tape,
        activation: Activation = .none
    ) -> Variable {
        tape.linear(
            x, weight: store.slice(layer.weight, rows: outputs, columns: x.value.columns),
            bias: store.slice(layer.bias, columns: outputs), activation: activation)
    }

    /// A branch of a block, times whether the block is there.
    private func gate(_ branch: Variable, _ index: Int, _ weights: Weights, _ tape: Tape) -> Variable {
        guard let masks = weights.masks else { return branch }
        return tape.mask(branch, by: masks.values.slice(masks.places.blocks[index].gate), unit: branch.value.columns)
    }

    private func norm(
        _ x: TokenStream, _ layer: ViTParameters.Norm, _ weights: Weights, _ tape: Tape
    ) -> (sum: Variable, y: Variable) {
        let store = weights.store
        let gain = store.slice(layer.gain, columns: x.sum.value.columns)
        let offset = store.slice(layer.offset, columns: x.sum.value.columns)
        if let masks = weights.masks {
            return tape.maskedLayerNorm(
                x.sum, branch: x.branch, mask: masks.values.slice(masks.places.embed), gain: gain, offset: offset)
        }
        guard let branch = x.branch else { return (x.sum, tape.layerNorm(x.sum, gain: gain, offset: offset)) }
        return tape.residualLayerNorm(x.sum, branch: branch, gain: gain, offset: offset)
    }
}
