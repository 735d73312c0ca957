internal import Synchronization

/// How many bytes of the contents of files may be looked through to tell how much they hold, where somebody waits for the
/// answer.
///
/// What lies past it is told from what was seen before. Of each file a piece is looked at, whatever is left.
public final class LookBudget: Sendable {
    private let state: Mutex<(left: Int, isSpent: Bool)>

    /// Begins with some bytes, by default what is read in a fraction of a second.
    public init(bytes: Int = 64 << 20) {
        state = Mutex((bytes, false))
    }

    /// Whether nothing is left: files may not have been looked through, and what was told of them is an estimate then.
    public var isSpent: Bool { state.withLock { $0.isSpent } }

    /// Takes what was looked at; false when the rest has to be left.
    fileprivate func take(_ bytes: Int) -> Bool {
        state.withLock { state in
            state.left -= bytes
            state.isSpent = state.isSpent || state.left <= 0
            return state.left > 0
        }
    }
}

/// What was looked at of contents: all of them, or their beginning.
struct Look {
    /// Bytes that were looked at.
    let seen: Int
    /// Bytes in all, which is an estimate where these are more.
    let bytes: Int

    /// No estimate is greater: that much fits no memory, and sums of many are numbers still.
    static let most = 0x1p46

    /// Whether nothing was left out.
    var isWhole: Bool { seen == bytes }

    /// What there is in all of something that was counted: as much in the rest as in what was seen, and 1 at least.
    func all(_ counted: Int) -> Int {
        guard !isWhole else { return counted }
        let all = Double(counted) * Double(bytes) / Double(max(1, seen))
        return max(1, Int(min(all, Self.most).rounded(.up)))
    }
}

extension ByteStream {
    /// Hands out what follows, in pieces of one size and a last one that may be shorter.
    ///
    /// - Parameter budget: What may be looked at; nil for all.
    /// - Throws: `DatasetError` when it cannot be read, or packed contents are damaged.
    @discardableResult
    func forEachPiece(
        of size: Int = 1 << 18, within budget: LookBudget? = nil, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> Look {
        var piece = [UInt8](repeating: 0, count: size)
        while true {
            let found = try piece.withUnsafeMutableBytes { try readSome(into: $0) }
            try piece.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[..<found])) }
            guard found == size else { return Look(seen: position, bytes: position) }
            guard budget?.take(found) ?? true else { return Look(seen: position, bytes: likelyBytes) }
        }
    }
}

extension DataFile {
    /// The bytes of the contents, and the lines of them as text, the last with or without its break; estimates where the
    /// file is not looked through.
    ///
    /// - Throws: `DatasetError` when it cannot be read, or its packed contents are damaged.
    func textLines() throws -> (lines: Int, bytes: Int, isEstimate: Bool) {
        var breaks = 0
        var last: UInt8 = 0x0A
        let look = try ByteStream(self).forEachPiece(within: budget) { bytes in
            breaks += bytes.reduce(0) { $0 &+ ($1 == 0x0A ? 1 : 0) }
            last = bytes.last ?? last
        }
        let lines = breaks + (look.isWhole && last != 0x0A ? 1 : 0)
        return (look.all(lines), look.bytes, !look.isWhole)
    }
}
