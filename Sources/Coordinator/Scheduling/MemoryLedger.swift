internal import SearchSpaces

/// Memory that is spoken for, by whom, within a limit for all together.
struct MemoryLedger {
    /// The limit, in bytes.
    let limit: Int
    private var held: [Int: Int] = [:]
    private var next = 0

    init(limit: Int) { self.limit = limit }

    /// Bytes that are spoken for: what every holder takes besides the program itself, and the program once.
    private var total: Int { held.values.reduce(MemoryEstimate.baseBytes) { $0.plus($1 - MemoryEstimate.baseBytes) } }

    /// Bytes that are not spoken for.
    var free: Int { max(0, limit - total) }

    /// Whether nobody holds anything.
    var isEmpty: Bool { held.isEmpty }

    /// Takes an estimate into account; nil where it does not fit beside the others.
    mutating func take(_ bytes: Int) -> Int? {
        guard bytes <= limit, total.plus(bytes - MemoryEstimate.baseBytes) <= limit else { return nil }
        next += 1
        held[next] = bytes
        return next
    }

    /// Gives back what was taken.
    mutating func release(_ ticket: Int) { held[ticket] = nil }
}
