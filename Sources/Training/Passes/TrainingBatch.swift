public import Tensors

/// The examples of one training step, as every shard reads them.
public final class TrainingBatch {
    /// Number of examples.
    public let count: Int
    /// Values of one example.
    public let exampleSize: Int
    /// Normalised values, shape (count, exampleSize).
    public let inputs: FloatBuffer
    /// One label an example.
    public let labels: UnsafeMutableBufferPointer<Int32>

    /// Makes room for a batch.
    public init(count: Int, exampleSize: Int) {
        precondition(count > 0 && exampleSize > 0, "a batch has examples")
        self.count = count
        self.exampleSize = exampleSize
        inputs = FloatBuffer(count: count * exampleSize)
        labels = .allocate(capacity: count)
        labels.initialize(repeating: 0)
    }

    deinit { labels.deallocate() }

    /// The examples of one of `shards` parts whose sizes differ by at most one; depends on nothing else.
    public func range(ofShard shard: Int, of shards: Int) -> Range<Int> {
        count * shard / shards..<count * (shard + 1) / shards
    }

    /// The inputs of a range of examples, in place.
    public func inputs(_ range: Range<Int>) -> MatrixView {
        inputs.matrix(offset: range.lowerBound * exampleSize, rows: range.count, columns: exampleSize)
    }

    /// The labels of a range of examples, in place.
    public func labels(_ range: Range<Int>) -> UnsafeBufferPointer<Int32> {
        UnsafeBufferPointer(rebasing: labels[range])
    }
}
