import Tensors

/// The order in which training images come: a fresh permutation each epoch, without a gap between epochs.
///
/// The image at a place is a function of (seed, place) alone; the permutation of the last epoch asked for is kept
/// only to save time.
struct TrainingOrder: Sendable {
    private let random: CounterRandom
    private let indices: [Int32]
    private var permutation: [Int32]
    private var epoch: UInt64?

    /// The number of images in an epoch, at least one.
    var count: Int { indices.count }

    /// Orders the given indices, of which there is at least one.
    init(indices: [Int32], seed: UInt64) {
        self.indices = indices
        permutation = indices
        random = CounterRandom(seed: seed, stream: .order)
    }

    /// The image at a place, counted from the start of the training.
    mutating func image(at place: UInt64) -> Int32 {
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
