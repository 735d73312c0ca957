public import Datasets
public import SearchSpaces
public import Tensors

/// One forward and backward of a training step: which subnet, or which of each shard, and what it is to minimise.
public struct Pass: Sendable {
    /// The subnet of all shards, or one for each shard.
    public let genomes: [Genome]
    /// What stands beside the targets of its examples.
    public let teaching: Teaching
    /// Whether its outputs teach the passes that follow in the step.
    public let isTeacher: Bool
    /// Whether it runs at full width under the genome's masks, which then have a gradient.
    public let isMasked: Bool
    /// Whether it runs forward alone and trains nothing.
    public let isForward: Bool

    /// Creates a pass.
    ///
    /// - Parameter genomes: One, or one for each shard.
    public init(
        _ genomes: [Genome], teaching: Teaching = Teaching(), isTeacher: Bool = false, isMasked: Bool = false,
        isForward: Bool = false
    ) {
        precondition(!genomes.isEmpty && !(isMasked && genomes.count > 1), "masked passes are of one subnet")
        self.genomes = genomes
        self.teaching = teaching
        self.isTeacher = isTeacher
        self.isMasked = isMasked
        self.isForward = isForward
    }

    /// Creates a pass of one subnet.
    public init(genome: Genome, teaching: Teaching = Teaching(), isTeacher: Bool = false, isMasked: Bool = false) {
        self.init([genome], teaching: teaching, isTeacher: isTeacher, isMasked: isMasked)
    }
}

/// The examples of one training step, as every shard reads them.
public final class TrainingBatch {
    /// Number of examples.
    public let count: Int
    /// The examples as their data set wrote them.
    public let examples: ExampleBatch
    private let exampleSize: Int
    private let backend: any Backend
    /// Normalised values, shape (count, inputs).
    private let inputs: FloatBuffer
    /// Normalised targets that are numbers, shape (count, targets).
    private let targets: FloatBuffer

    /// Makes room for a batch.
    public init(count: Int, shape: ExampleShape, backend: any Backend) {
        self.count = count
        self.backend = backend
        examples = ExampleBatch(capacity: count, shape: shape)
        exampleSize = shape.inputs
        inputs = FloatBuffer(count: count * exampleSize)
        targets = FloatBuffer(count: count * shape.targets)
    }

    /// Lets a data set write examples, and takes them over.
    public func fill(_ body: (ExampleBatch) throws -> Void) rethrows {
        try body(examples)
        backend.upload(examples.inputs, to: inputs.matrix(rows: examples.count, columns: exampleSize))
        let columns = examples.shape.targets
        if columns > 0 { backend.upload(examples.targets, to: targets.matrix(rows: examples.count, columns: columns)) }
    }

    /// The examples of one of `shards` parts whose sizes differ by at most one; depends on nothing else.
    public func range(ofShard shard: Int, of shards: Int) -> Range<Int> {
        Self.range(ofShard: shard, of: shards, count: count)
    }

    /// The examples of a shard of a batch of so many.
    static func range(ofShard shard: Int, of shards: Int, count: Int) -> Range<Int> {
        count * shard / shards..<count * (shard + 1) / shards
    }

    /// The inputs of a range of examples, in place.
    public func inputs(_ range: Range<Int>) -> MatrixView {
        inputs.matrix(offset: range.lowerBound * exampleSize, rows: range.count, columns: exampleSize)
    }

    /// The targets of a range of examples that are numbers, in place.
    public func targets(_ range: Range<Int>) -> MatrixView {
        let columns = examples.shape.targets
        return targets.matrix(offset: range.lowerBound * columns, rows: range.count, columns: columns)
    }

    /// The labels of a range of examples, in place.
    public func labels(_ range: Range<Int>) -> UnsafeBufferPointer<Int32> {
        UnsafeBufferPointer(rebasing: examples.labels[range])
    }

    /// What was mixed into a range of examples, in place; nil where they are as they were.
    public func mixed(_ range: Range<Int>) -> MixedLabels? {
        examples.mixed.map { MixedLabels(labels: UnsafeBufferPointer(rebasing: $0.labels[range]), share: $0.share) }
    }
}

extension ExampleShape {
    /// The shape of the examples that a space's networks learn from: a label for classes, a target for each number.
    init(of signature: ExampleSignature) {
        switch signature.output {
        case .classes: self.init(inputs: signature.inputCount, labels: 1)
        case .values(let count): self.init(inputs: signature.inputCount, targets: count)
        case .unknown: self.init(inputs: signature.inputCount)
        }
    }
}
