public import SearchSpaces
public import Tensors

extension ViTSupernet {
    /// One genome of a batch: what its halves of blocks look like, in the order in which they are computed.
    ///
    /// Even places describe an attention half (heads, and whether it is the last), odd ones an MLP half (hidden width).
    /// Two genomes share the computation as far as their lists begin alike.
    private struct Path: Comparable {
        let index: Int
        let width: Int
        let halves: [Int]

        init(index: Int, _ architecture: ViTArchitecture) {
            self.index = index
            width = architecture.embed
            halves = (0..<architecture.depth).flatMap { block in
                [
                    architecture.heads[block] * 2 + (block == architecture.depth - 1 ? 1 : 0),
                    architecture.mlpHidden[block],
                ]
            }
        }

        static func < (left: Path, right: Path) -> Bool {
            left.width != right.width
                ? left.width < right.width : left.halves.lexicographicallyPrecedes(right.halves)
        }
    }

    /// Logits of a batch of images under many genomes; see ``Supernet``.
    ///
    /// The genomes form a tree of shared prefixes that is walked depth first: a half of a block is computed once for all
    /// genomes that agree up to and including it. Row counts are those of a genome alone, so its bits are too.
    public func evaluate(
        _ images: MatrixView, as genomes: [Genome], with store: ParameterStore, on tape: Tape,
        _ receive: (Int, MatrixView) -> Void
    ) {
        let paths = genomes.enumerated().map { Path(index: $0.offset, geometry.shape(of: $0.element).architecture) }
            .sorted()
        let weights = Weights(store: store)
        tape.begin(recording: false)
        let patches = cutPatches(of: images, on: tape)
        forEachGroup(paths[...], by: \.width) { width, members in
            let mark = tape.mark
            let stream = embed(patches, width: width, with: weights, on: tape)
            descend(members, from: stream, at: 0, with: weights, on: tape, receive)
            tape.release(to: mark)
        }
    }

    private func descend(
        _ paths: ArraySlice<Path>, from stream: TokenStream, at level: Int, with weights: Weights, on tape: Tape,
        _ receive: (Int, MatrixView) -> Void
    ) {
        let mark = tape.mark
        // All lists here begin alike, and one that ends is no beginning of another: only the last half of a block that
        // is the last ends a list.
        if let first = paths.first, first.halves.count == level {
            let logits = classify(stream, with: weights, on: tape).value
            for path in paths { receive(path.index, logits) }
            tape.release(to: mark)
            return
        }
        forEachGroup(paths, by: { $0.halves[level] }) { half, members in
            let next =
                level % 2 == 0
                ? attend(level / 2, stream, heads: half / 2, isLast: half % 2 == 1, with: weights, on: tape)
                : transform(level / 2, stream, hidden: half, with: weights, on: tape)
            descend(members, from: compact(next, to: mark, on: tape), at: level + 1, with: weights, on: tape, receive)
            tape.release(to: mark)
        }
    }

    private func compact(_ stream: TokenStream, to mark: Int, on tape: Tape) -> TokenStream {
        guard let branch = stream.branch else { return stream }
        let kept = tape.compact(to: mark, keeping: (stream.sum, branch))
        return TokenStream(sum: kept.0, branch: kept.1, rowsPerExample: stream.rowsPerExample)
    }

    /// Hands out the runs of equal values of a sorted list.
    private func forEachGroup(
        _ paths: ArraySlice<Path>, by value: (Path) -> Int, _ body: (Int, ArraySlice<Path>) -> Void
    ) {
        var start = paths.startIndex
        while start < paths.endIndex {
            let group = value(paths[start])
            let end = paths[start...].firstIndex { value($0) != group } ?? paths.endIndex
            body(group, paths[start..<end])
            start = end
        }
    }
}
