internal import Tensors

/// The batches of a training, in their order.
///
/// The batch of a step is a function of (seed, step) alone. Once the first has been filled no call allocates. A copy shares
/// the examples, so that each worker may hold its own.
public struct TrainingBatches: Sendable {
    /// All examples of the training files, those held out too.
    public let examples: any Examples
    /// The number of examples in a batch.
    public let batch: Int

    private var order: TrainingOrder
    private var places: [Int32]
    private let random: CounterRandom

    /// Prepares batches of the named examples, of which there is at least one.
    init(of batch: Int, from examples: any Examples, train: [Int32], seed: UInt64) throws(DatasetError) {
        try IndexCheck.check(train[...], count: examples.count)
        guard !train.isEmpty else { throw .invalidSplit(reason: "no examples to train on") }
        guard (1...1_048_576).contains(batch) else {
            throw .invalidSetting(name: "batch", value: "\(batch)", allowed: "1...1048576")
        }
        self.examples = examples
        self.batch = batch
        order = TrainingOrder(indices: train, seed: seed)
        places = [Int32](repeating: 0, count: batch)
        random = CounterRandom(seed: seed, stream: .augmentation)
    }

    /// The examples that are trained on, ascending.
    public var trained: [Int32] { order.indices }

    /// Fills in the batch of a training step: shuffled and changed.
    ///
    /// - Throws: `DatasetError.invalidSetting` for a batch of another shape, or with less room.
    public mutating func fill(_ target: ExampleBatch, step: UInt64) throws(DatasetError) {
        // Wrapping only after 2^64 examples, which no run reaches, but which a caller may ask for.
        let first = step &* UInt64(batch)
        for place in 0..<batch { places[place] = order.example(at: first &+ UInt64(place)) }
        try examples.fill(target, with: places[...], changes: ExampleChanges(random: random, step: step))
    }
}

/// The order in which training examples come: a fresh permutation each epoch, without a gap between epochs.
///
/// The example at a place is a function of (seed, place) alone; the permutation of the last epoch asked for is kept
/// only to save time.
struct TrainingOrder: Sendable {
    private let random: CounterRandom
    let indices: [Int32]
    private var permutation: [Int32]
    private var epoch: UInt64?

    /// The number of examples in an epoch, at least one.
    var count: Int { indices.count }

    /// Orders the given indices, of which there is at least one.
    init(indices: [Int32], seed: UInt64) {
        self.indices = indices
        permutation = indices
        random = CounterRandom(seed: seed, stream: .order)
    }

    /// The example at a place, counted from the start of the training.
    mutating func example(at place: UInt64) -> Int32 {
        let (wanted, offset) = place.quotientAndRemainder(dividingBy: UInt64(count))
        if epoch != wanted { prepare(wanted) }
        return permutation[Int(offset)]
    }

    private mutating func prepare(_ wanted: UInt64) {
        // Each epoch starts from the sorted list; from the previous epoch's it would depend on the past.
        for place in indices.indices { permutation[place] = indices[place] }
        var generator = random.generator(step: wanted)
        Shuffle.shuffle(&permutation, &generator)
        epoch = wanted
    }
}
