internal import Tensors

/// What one example is: the numbers that go into a network, and what is asked of it.
public struct ExampleShape: Sendable, Hashable {
    /// Input floats of an example; of images height * width * channels.
    public let inputs: Int
    /// Whole-number targets of an example: 1 for a class.
    public let labels: Int
    /// Float targets of an example: the outputs of a regression.
    public let targets: Int

    /// Takes the numbers.
    public init(inputs: Int, labels: Int = 0, targets: Int = 0) {
        self.inputs = inputs
        self.labels = labels
        self.targets = targets
    }
}

/// Examples that are asked for by their place.
public protocol Examples: Sendable {
    /// How many there are.
    var count: Int { get }
    /// What each of them is.
    var shape: ExampleShape { get }

    /// Writes examples into a batch, in the order given; allocates nothing.
    ///
    /// - Parameters:
    ///   - indices: Places of examples, each in `0..<count`; no more than the batch has room for.
    ///   - changes: What draws random changes, where the format has any; nil for the examples as they are.
    /// - Throws: `DatasetError.invalidSetting` for places that are none, and for a batch of another shape.
    func fill(_ batch: ExampleBatch, with indices: ArraySlice<Int32>, changes: ExampleChanges?) throws(DatasetError)
}

extension Examples {
    /// Writes examples as they are into a batch, in the order given.
    public func fill(_ batch: ExampleBatch, with indices: ArraySlice<Int32>) throws(DatasetError) {
        try fill(batch, with: indices, changes: nil)
    }
}

/// What the random changes of a training batch are a function of, together with the place in the batch.
public struct ExampleChanges: Sendable {
    /// Draws of the stream of changes.
    let random: CounterRandom
    /// The training step.
    let step: UInt64
}

/// What a data set asks of a network.
public enum DataGoal: Sendable, Equatable, CustomStringConvertible {
    /// One of so many classes; labels count from 0.
    case classes(Int)
    /// So many numbers; targets are (value - mean) / deviation of the training part.
    case numbers(Normalization)

    /// In words, such as `10 classes`.
    public var description: String {
        switch self {
        case .classes(let count): "\(count) classes"
        case .numbers(let targets): "\(targets.mean.count) numbers"
        }
    }
}

/// Data ready to train on, as training and evaluation see them, whatever their format.
public protocol Dataset: Sendable {
    /// The examples that train and validate; `split` says which does what.
    var trainingExamples: any Examples { get }
    /// The examples that are touched once, at the end.
    var testExamples: any Examples { get }
    /// Which training examples train, validate or teach the samplers.
    var split: Split { get }
    /// What is asked of a network.
    var goal: DataGoal { get }
    /// How inputs were normalised, measured on the examples of `split.train` alone: one mean and one deviation for each
    /// input, or for each channel of images.
    var normalization: Normalization { get }
    /// Bytes of memory that it takes at most.
    var memoryBytes: Int { get }
    /// Names of the classes in the order of their labels; nil where they have none.
    var classNames: [String]? { get }
    /// Bytes that it has in the cache of the data directory.
    var cacheBytes: Int { get }
    /// What rows outside of the training part have and no input stands for, and how to mend it; nil for nothing.
    var inputNote: String? { get }

    /// Hands all contents, training then test, to `body` as bytes, in several calls.
    ///
    /// A digest of the bytes identifies the data; the split is no part of it.
    func withDigestBytes(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows

    /// What about the data is probably not meant. Nothing is changed by it: whoever trains all the same gets what these
    /// data give.
    func review() -> [DataWarning]
}

extension Dataset {
    public var inputNote: String? { nil }
    public var classNames: [String]? { nil }
    public var cacheBytes: Int { 0 }
    /// What each example is.
    public var shape: ExampleShape { trainingExamples.shape }
    /// How many test examples there are.
    public var testCount: Int { testExamples.count }
    /// The number of classes; 0 where targets are numbers.
    public var classes: Int { if case .classes(let count) = goal { count } else { 0 } }

    /// Training batches: shuffled, and with the random changes that the format has.
    ///
    /// - Parameters:
    ///   - batch: Examples in a batch, 1 or more; it may exceed the number of training examples.
    ///   - left: Training examples to leave out.
    public func batches(
        of batch: Int, leavingOut left: [Int32] = [], seed: UInt64
    ) throws(DatasetError) -> TrainingBatches {
        let left = Set(left)
        let train = left.isEmpty ? split.train : split.train.filter { !left.contains($0) }
        return try TrainingBatches(of: batch, from: trainingExamples, train: train, seed: seed)
    }
}

/// How many training examples to hold out.
public struct HoldOut: Sendable, Equatable {
    /// Examples to validate on, 0 or more.
    public var validation: Int
    /// Examples that samplers learn from, 0 or more.
    public var sampler: Int
    /// Whether each class gives its share to every part.
    public var isStratified: Bool

    /// Takes the sizes; they are checked against the data when these are loaded.
    public init(validation: Int, sampler: Int = 0, isStratified: Bool = false) {
        self.validation = validation
        self.sampler = sampler
        self.isStratified = isStratified
    }
}
