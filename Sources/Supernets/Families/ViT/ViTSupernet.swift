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
        let width = architecture.embed, tokens = space.tokens
        let input = tape.input(rows: images.rows * (tokens - 1), columns: space.patchValues)
        cutPatches(of: images, into: input.value)
        let patches = linear(input, parameters.patch, outputs: width, store, tape)
        var stream = tape.tokens(
            patches, classToken: store.slice(parameters.classToken, columns: width),
            positions: store.slice(parameters.positions, columns: width))
        // Each block leaves its MLP branch open: the sum is fused with the norm that follows it.
        var branch: Variable?
        for index in 0..<architecture.depth {
            let block = parameters.blocks[index]
            let attention = architecture.heads[index] * space.headWidth
            let normal: Variable
            (stream, normal) = norm(stream, branch, block.attentionNorm, store, tape)
            let mixed = tape.attention(
                query: linear(normal, block.query, outputs: attention, store, tape),
                key: linear(normal, block.key, outputs: attention, store, tape),
                value: linear(normal, block.value, outputs: attention, store, tape), tokens: tokens,
                headWidth: space.headWidth)
            let projected = linear(mixed, block.projection, outputs: width, store, tape)
            let second: Variable
            (stream, second) = norm(stream, projected, block.mlpNorm, store, tape)
            let hidden = linear(
                second, block.expansion, outputs: architecture.mlpHidden[index], store, tape, activation: .gelu)
            branch = linear(hidden, block.contraction, outputs: width, store, tape)
        }
        let classTokens = tape.firstToken(stream, tokens: tokens)
        let last = branch.map { tape.firstToken($0, tokens: tokens) }
        let (_, normal) = norm(classTokens, last, parameters.finalNorm, store, tape)
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
        _ x: Variable, _ branch: Variable?, _ layer: ViTParameters.Norm, _ store: ParameterStore, _ tape: Tape
    ) -> (sum: Variable, y: Variable) {
        let gain = store.slice(layer.gain, columns: x.value.columns)
        let offset = store.slice(layer.offset, columns: x.value.columns)
        guard let branch else { return (x, tape.layerNorm(x, gain: gain, offset: offset)) }
        return tape.residualLayerNorm(x, branch: branch, gain: gain, offset: offset)
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
