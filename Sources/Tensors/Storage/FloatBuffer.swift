/// A block of floats of fixed size, aligned to 64 bytes and zero at first.
///
/// Parameters, gradients and optimiser moments are one such block each, so that all-reduce, optimiser, checkpoint and
/// snapshot are single passes over flat memory. Outside of this module a buffer has a size and no address: what is in it
/// is read and written by a ``Backend``.
///
/// - Invariant (unchecked Sendable): the owner keeps writers apart. Workers write disjoint ranges between two barriers
///   of the worker pool, and nobody else reads a range until the barrier after its writes.
public final class FloatBuffer: @unchecked Sendable {
    /// The first float.
    let base: UnsafeMutablePointer<Float>
    /// Number of floats.
    public let count: Int
    /// What is to be given back; nil where there is no memory.
    private let raw: UnsafeMutableRawPointer?

    /// Allocates `count` zeros.
    public init(count: Int) {
        precondition(count >= 0, "a count is not negative")
        let bytes = max(64, count * MemoryLayout<Float>.stride)
        let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
        raw.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        base = raw.bindMemory(to: Float.self, capacity: max(16, count))
        self.raw = raw
        self.count = count
    }

    /// A block without memory, for a backend that only counts.
    init(countWithoutMemory count: Int) {
        base = Self.nowhere
        raw = nil
        self.count = count
    }

    /// Where floats without memory begin.
    /// - Invariant: nobody reads or writes there.
    private nonisolated(unsafe) static let nowhere = UnsafeMutablePointer<Float>.allocate(capacity: 16)

    deinit { raw?.deallocate() }

    /// All floats, for reading and writing in place.
    var values: UnsafeMutableBufferPointer<Float> { UnsafeMutableBufferPointer(start: base, count: count) }

    /// All floats as one row.
    public var whole: MatrixView { MatrixView(base: base, rows: 1, columns: count) }

    /// A range of the floats as one row, in place.
    public subscript(range: Range<Int>) -> MatrixView {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "a range lies inside its buffer")
        return MatrixView(base: base + range.lowerBound, rows: 1, columns: range.count)
    }

    /// A matrix over `rows * columns` floats from `offset`.
    public func matrix(offset: Int = 0, rows: Int, columns: Int) -> MatrixView {
        precondition(offset >= 0 && offset + rows * columns <= count, "a matrix lies inside its buffer")
        return MatrixView(base: base + offset, rows: rows, columns: columns)
    }
}
