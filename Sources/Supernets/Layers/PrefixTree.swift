internal import Tensors

/// Evaluates many architectures at once, computing what they have in common once.
///
/// Each is a list of keys, one for each part of its network in the order of computing: two share a part as far as their lists
/// begin alike. The lists form a tree that is walked depth first. Row counts are those of an architecture alone, so its bits
/// are too.
struct PrefixTree {
    /// One architecture.
    struct Path: Comparable {
        /// Which of those that were asked for.
        let index: Int
        /// What its parts are.
        let keys: [Int]

        static func < (left: Path, right: Path) -> Bool { left.keys.lexicographicallyPrecedes(right.keys) }
    }

    /// Sorted.
    let paths: [Path]
    /// Computes a part: its place, its key, and the stream before it, nil before the first.
    let part: (_ level: Int, _ key: Int, ResidualStream?) -> ResidualStream
    /// Computes the outputs from what the last part left.
    let outputs: (ResidualStream) -> Variable

    /// Hands out the index and the outputs of every architecture, which are valid during the call.
    func walk(on tape: Tape, _ receive: (Int, MatrixView) -> Void) {
        descend(paths[...], from: nil, at: 0, on: tape, receive)
    }

    private func descend(
        _ paths: ArraySlice<Path>, from stream: ResidualStream?, at level: Int, on tape: Tape,
        _ receive: (Int, MatrixView) -> Void
    ) {
        let mark = tape.mark
        // All lists here begin alike, and the shortest are the first.
        let ended = paths.prefix { $0.keys.count == level }
        if !ended.isEmpty, let stream {
            let values = outputs(stream).value
            for path in ended { receive(path.index, values) }
            tape.release(to: mark)
        }
        var start = ended.endIndex
        while start < paths.endIndex {
            let key = paths[start].keys[level]
            let end = paths[start...].firstIndex { $0.keys[level] != key } ?? paths.endIndex
            let next = part(level, key, stream)
            descend(
                paths[start..<end], from: stream == nil ? next : compact(next, to: mark, on: tape), at: level + 1,
                on: tape, receive)
            tape.release(to: mark)
            start = end
        }
    }

    private func compact(_ stream: ResidualStream, to mark: Int, on tape: Tape) -> ResidualStream {
        guard let branch = stream.branch else {
            let sum = tape.compact(to: mark, keeping: stream.sum)
            return ResidualStream(sum: sum, branch: nil, rowsPerExample: stream.rowsPerExample)
        }
        let kept = tape.compact(to: mark, keeping: (stream.sum, branch))
        return ResidualStream(sum: kept.0, branch: kept.1, rowsPerExample: stream.rowsPerExample)
    }
}
