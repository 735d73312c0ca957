/// The buffers of the shards of a batch, one each and of one layout, which are added up place by place.
///
/// - Invariant (unchecked Sendable): the addresses are those of the buffers and never change; for what lies there see
///   ``FloatBuffer``.
public final class ShardBuffers: @unchecked Sendable {
    private let buffers: [FloatBuffer]
    /// The first float of each.
    let addresses: UnsafeMutableBufferPointer<UnsafePointer<Float>?>
    /// Number of floats of each.
    public let floatCount: Int
    /// What stands for a shard that brings nothing to a place, so many places at a time.
    let zeros = FloatBuffer(count: 1024)

    /// The leading rows and columns of a matrix that a shard has something for.
    public struct Part: Sendable, Equatable {
        let rows: Int
        let columns: Int

        /// Creates a part; by default nothing.
        public init(rows: Int = 0, columns: Int = 0) {
            self.rows = rows
            self.columns = columns
        }
    }

    /// Allocates zeros.
    public init(shards: Int, floats: Int) {
        precondition(shards >= 1, "there is a shard")
        buffers = (0..<shards).map { _ in FloatBuffer(count: floats) }
        floatCount = floats
        addresses = .allocate(capacity: shards)
        for (shard, buffer) in buffers.enumerated() {
            (addresses.baseAddress.unsafelyUnwrapped + shard).initialize(to: UnsafePointer(buffer.base))
        }
    }

    deinit { addresses.deallocate() }

    /// Number of shards.
    public var count: Int { buffers.count }

    /// The buffer of a shard.
    public subscript(shard: Int) -> FloatBuffer { buffers[shard] }
}

/// The order in which what shards bring is added up.
///
/// A fixed binary tree over their numbers: ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7)), and where the number is no
/// power of two the same tree without what is missing. So whoever holds an aligned block of a power of two of shards, a
/// worker or a machine, may add that up first: the sum has the same bits.
public enum ShardTree {
    /// Adds up what some shards bring.
    ///
    /// Open to other modules, which then allocate nothing.
    /// - Parameters:
    ///   - shards: Their numbers, at least one.
    ///   - value: What one brings.
    @inlinable
    public static func sum<Value>(
        over shards: Range<Int>, by add: (Value, Value) -> Value, _ value: (Int) -> Value
    ) -> Value {
        precondition(!shards.isEmpty, "there is a shard")
        guard shards.count > 1 else { return value(shards.lowerBound) }
        var half = 1
        while 2 * half < shards.count { half *= 2 }
        let middle = isSequential ? shards.upperBound - 1 : shards.lowerBound + half
        return add(
            sum(over: shards.lowerBound..<middle, by: add, value), sum(over: middle..<shards.upperBound, by: add, value)
        )
    }

    /// Whether shards are added one after the other, as they were before there was a tree: for comparisons with versions
    /// of that time.
    @usableFromInline static var isSequential: Bool {
        #if NASD_SHARDS_IN_SEQUENCE
            true
        #else
            false
        #endif
    }
}
