/// A block of memory that hands out matrices from front to back and takes them all back at once.
///
/// Sized once for the largest network, so that a training step creates no tensor storage. Matrices start at multiples of
/// 64 bytes and hold whatever was there before.
public final class Arena {
    private let buffer: FloatBuffer
    private var used = 0
    /// The most floats that were ever handed out at a time.
    public private(set) var peakFloats = 0

    /// The size of an arena that only counts: past any machine, and the bytes still are a whole number.
    static let mostFloats = 1 << 58

    /// Creates an arena of a fixed size.
    public init(floats: Int) { buffer = FloatBuffer(count: floats) }

    /// Creates an arena without memory and without an end: what is asked of it is counted, up to ``mostFloats``.
    init(counting: Void) { buffer = FloatBuffer(countWithoutMemory: .max) }

    /// Number of floats in all.
    public var capacity: Int { buffer.count }

    /// Floats that a matrix takes, up to ``mostFloats``.
    static func floats(rows: Int, columns: Int) -> Int {
        let (count, isOver) = rows.multipliedReportingOverflow(by: columns)
        return isOver || count > mostFloats ? mostFloats : (count + 15) / 16 * 16
    }

    /// The next matrix; its content is undefined.
    ///
    /// Traps when the arena is full: its size is counted for the largest network, so that would be a programming error.
    public func matrix(rows: Int, columns: Int) -> MatrixView {
        let end = used + Self.floats(rows: rows, columns: columns)
        precondition(end <= buffer.count, "the arena holds the largest network")
        let result = MatrixView(base: front, rows: rows, columns: columns)
        used = min(end, Self.mostFloats)
        peakFloats = max(peakFloats, used)
        return result
    }

    /// The next matrix whose rows all start at multiples of 64 bytes, so that no vector spans two rows: the end of a row on
    /// its way to memory would hold up a read of the next.
    public func matrixOfAlignedRows(rows: Int, columns: Int) -> MatrixView {
        matrix(rows: rows, columns: (columns + 15) / 16 * 16).leading(rows: rows, columns: columns)
    }

    /// Where the next matrix begins.
    var front: UnsafeMutablePointer<Float> { buffer.base + used }

    /// A place to which `release(to:)` can go back.
    public var mark: Int { used }

    /// Takes back what was handed out after a mark.
    public func release(to mark: Int) {
        precondition(mark >= 0 && mark <= used, "a mark lies before the end")
        used = mark
    }

    /// Takes back everything: matrices handed out before must not be used any more.
    public func reset() { used = 0 }
}
