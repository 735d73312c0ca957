public import SearchSpaces
public import Tensors

extension ViTSupernet {
    /// Logits of a batch of images under many genomes; see ``Supernet``.
    ///
    /// The parts of a network are the embedding, by its width, then for each block an attention half, by its heads and
    /// whether it is the last, and an MLP half, by its hidden width.
    public func evaluate(
        _ images: MatrixView, as genomes: [Genome], with store: ParameterStore, on tape: Tape,
        _ receive: (Int, MatrixView) -> Void
    ) {
        let weights = Weights(store: store)
        tape.begin(recording: false)
        let patches = cutPatches(of: images, on: tape)
        let tree = PrefixTree(
            paths: genomes.enumerated().map { PrefixTree.Path(index: $0.offset, keys: keys(of: $0.element)) }.sorted(),
            part: { level, key, stream in
                guard let stream else { return embed(patches, width: key, with: weights, on: tape) }
                let block = (level - 1) / 2
                return level % 2 == 1
                    ? attend(block, stream, heads: key / 2, isLast: key % 2 == 1, with: weights, on: tape)
                    : transform(block, stream, hidden: key, with: weights, on: tape)
            }, outputs: { classify($0, with: weights, on: tape) })
        tree.walk(on: tape, receive)
    }

    private func keys(of genome: Genome) -> [Int] {
        let shape = geometry.shape(of: genome), depth = shape.depth
        var keys = [shape.embed]
        for block in 0..<depth {
            let isLast = block == depth - 1
            keys.append(2 * shape.heads(block) + (isLast ? 1 : 0))
            keys.append(shape.mlpHidden(block))
        }
        return keys
    }
}
