public import SearchSpaces
public import Tensors

/// An elastic vision transformer with weight entanglement: a subnet is the leading rows and columns of every weight.
///
/// Pre-norm blocks, exact GELU, a class token that the head reads. The architecture is an argument of `forward`, never
/// state of a layer.
///
/// Source: Chen et al., "AutoFormer: Searching Transformers for Visual Recognition" (ICCV 2021), section 3.2.
public struct ViTSupernet: Sendable {
    /// The sizes of the space.
    public let space: ViTSpace
    private let parameters: ViTParameters

    /// Creates the network of a space; it owns no memory.
    public init(space: ViTSpace) {
        self.space = space
        parameters = ViTParameters(space)
    }

    /// Where the parameters lie in a flat buffer.
    public var layout: ParameterLayout { parameters.layout }

    /// Logits of a batch of images under an architecture.
    ///
    /// Shapes: images (batch, height * width * channels) as NHWC, result (batch, classes). Nothing outside the
    /// architecture's slice is read or receives a gradient.
    public func forward(
        _ images: MatrixView, as architecture: ViTArchitecture, with store: ParameterStore, on tape: Tape
    ) -> Variable {
        var stream = embed(images, width: architecture.embed, with: store, on: tape)
        for index in 0..<architecture.depth {
            stream = block(
                index, of: stream, as: ViTBlock(architecture, index), isLast: index == architecture.depth - 1,
                with: store, on: tape)
        }
        return classify(stream, with: store, on: tape)
    }

    /// The token stream of a batch of images before the first block.
    func embed(_ images: MatrixView, width: Int, with store: ParameterStore, on tape: Tape) -> TokenStream {
        let input = tape.input(rows: images.rows * (space.tokens - 1), columns: space.patchValues)
        cutPatches(of: images, into: input.value)
        let patches = linear(input, parameters.patch, outputs: width, store, tape)
        let tokens = tape.tokens(
            patches, classToken: store.slice(parameters.classToken, columns: width),
            positions: store.slice(parameters.positions, columns: width))
        return TokenStream(sum: tokens, branch: nil)
    }

    /// One pre-norm block: attention, then the MLP, whose result stays an open branch.
    ///
    /// The head reads the class token alone. So in the last block only that token asks, and everything after the keys and
    /// values is computed for it alone: the same network, less work.
    func block(
        _ index: Int, of stream: TokenStream, as shape: ViTBlock, isLast: Bool, with store: ParameterStore,
        on tape: Tape
    ) -> TokenStream {
        let block = parameters.blocks[index]
        let tokens = space.tokens, attention = shape.heads * space.headWidth
        let (before, normal) = norm(stream, block.attentionNorm, store, tape)
        let asking = isLast ? tape.firstToken(normal, tokens: tokens) : normal
        let mixed = tape.attention(
            query: linear(asking, block.query, outputs: attention, store, tape),
            key: linear(normal, block.key, outputs: attention, store, tape),
            value: linear(normal, block.value, outputs: attention, store, tape),
            queryTokens: isLast ? 1 : tokens, tokens: tokens, headWidth: space.headWidth)
        let projected = linear(mixed, block.projection, outputs: before.value.columns, store, tape)
        let kept = isLast ? tape.firstToken(before, tokens: tokens) : before
        let (between, second) = norm(TokenStream(sum: kept, branch: projected), block.mlpNorm, store, tape)
        let hidden = linear(second, block.expansion, outputs: shape.mlpHidden, store, tape, activation: .gelu)
        let branch = linear(hidden, block.contraction, outputs: between.value.columns, store, tape)
        return TokenStream(sum: between, branch: branch)
    }

    /// Logits from what the last block left: one row an image.
    func classify(_ stream: TokenStream, with store: ParameterStore, on tape: Tape) -> Variable {
        let (_, normal) = norm(stream, parameters.finalNorm, store, tape)
        return linear(normal, parameters.head, outputs: space.classes, store, tape)
    }

    private func linear(
        _ x: Variable, _ layer: ViTParameters.Linear, outputs: Int, _ store: ParameterStore, _ tape: Tape,
        activation: Activation = .none
    ) -> Variable {
        tape.linear(
            x, weight: store.slice(layer.weight, rows: outputs, columns: x.value.columns),
            bias: store.slice(layer.bias, columns: outputs), activation: activation)
    }

    private func norm(
        _ x: TokenStream, _ layer: ViTParameters.Norm, _ store: ParameterStore, _ tape: Tape
    ) -> (sum: Variable, y: Variable) {
        let gain = store.slice(layer.gain, columns: x.sum.value.columns)
        let offset = store.slice(layer.offset, columns: x.sum.value.columns)
        guard let branch = x.branch else { return (x.sum, tape.layerNorm(x.sum, gain: gain, offset: offset)) }
        return tape.residualLayerNorm(x.sum, branch: branch, gain: gain, offset: offset)
    }

    /// Row (image, patch) holds the patch's values in the order (row, column, channel).
    private func cutPatches(of images: MatrixView, into patches: MatrixView) {
        let size = space.input.patch, run = size * space.input.channels
        let across = space.input.width / size, down = space.input.height / size
        let line = space.input.width * space.input.channels
        for image in 0..<images.rows {
            let pixels = images.row(image)
            for patch in 0..<across * down {
                let target = patches.row(image * across * down + patch)
                let start = patch / across * size * line + patch % across * run
                for y in 0..<size {
                    _ = target.extracting(y * run..<(y + 1) * run)
                        .update(fromContentsOf: pixels.extracting(start + y * line..<start + y * line + run))
                }
            }
        }
    }
}
