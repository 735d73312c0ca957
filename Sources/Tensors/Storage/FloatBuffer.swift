/// A block of floats of fixed size, aligned to 64 bytes and zero at first.
///
/// Parameters, gradients and optimiser moments are one such block each, so that all-reduce, optimiser, checkpoint and
/// snapshot are single passes over flat memory.
///
/// - Invariant (unchecked Sendable): the owner keeps writers apart. Workers write disjoint ranges between two barriers
///   of the worker pool, and nobody else reads a range until the barrier after its writes.
public final class FloatBuffer: @unchecked Sendable {
    /// The first float.
    public let base: UnsafeMutablePointer<Float>
    /// Number of floats.
    public let count: Int
    private let raw: UnsafeMutableRawPointer

    /// Allocates `count` zeros.
    public init(count: Int) {
        precondition(count >= 0, "a count is not negative")
        let bytes = max(64, count * MemoryLayout<Float>.stride)
        raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
        raw.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        base = raw.bindMemory(to: Float.self, capacity: max(16, count))
        self.count = count
    }

    deinit { raw.deallocate() }

    /// All floats, for reading and writing in place.
    public var values: UnsafeMutableBufferPointer<Float> { UnsafeMutableBufferPointer(start: base, count: count) }

    /// A range of the floats, in place.
    public subscript(range: Range<Int>) -> UnsafeMutableBufferPointer<Float> {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "a range lies inside its buffer")
        return UnsafeMutableBufferPointer(start: base + range.lowerBound, count: range.count)
    }

    /// A matrix over `rows * columns` floats from `offset`.
    public func matrix(offset: Int = 0, rows: Int, columns: Int) -> MatrixView {
        precondition(offset >= 0 && offset + rows * columns <= count, "a matrix lies inside its buffer")
        return MatrixView(base: base + offset, rows: rows, columns: columns)
    }
}
