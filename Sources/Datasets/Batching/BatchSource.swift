import Tensors

/// Fills batches of normalised images into memory of the caller.
///
/// The batch of a training step is a function of (seed, step) alone. Once the first batch has been filled no call
/// allocates. A copy shares the pixels, so each worker may hold its own.
public struct BatchSource: Sendable {
    /// The images batches are taken from.
    public let images: ImageSet
    /// The number of images in a training batch.
    public let batch: Int

    private var order: TrainingOrder
    private let augmentation: Augmentation
    private let moves: CounterRandom
    /// The normalised value of each byte, 256 per channel; empty for float images.
    private let table: [Float]
    private let mean: [Float]
    private let scale: [Float]

    /// Prepares training batches.
    ///
    /// - Parameters:
    ///   - train: the indices to train on, at least one.
    ///   - batch: images in a batch, 1 or more; it may exceed the number of training images.
    public init(
        images: ImageSet, train: [Int32], normalization: Normalization, batch: Int, seed: UInt64,
        augmentation: Augmentation = .none
    ) throws {
        try IndexCheck.check(train, count: images.count)
        guard !train.isEmpty else {
            throw DatasetError.invalidSplit(reason: "no images to train on")
        }
        guard (1...1_048_576).contains(batch) else {
            throw DatasetError.invalidSetting(name: "batch", value: "\(batch)", allowed: "1...1048576")
        }
        guard normalization.mean.count == images.channels else {
            throw DatasetError.invalidSetting(
                name: "normalisation", value: "\(normalization.mean.count) channels",
                allowed: "\(images.channels) channels")
        }
        self.images = images
        self.batch = batch
        self.augmentation = augmentation
        order = TrainingOrder(indices: train, seed: seed)
        moves = CounterRandom(seed: seed, stream: .augmentation)
        mean = normalization.mean
        scale = normalization.deviation.map { 1 / $0 }
        if case .bytes = images.pixels {
            table = zip(normalization.mean, normalization.deviation).flatMap { mean, deviation in
                (0..<256).map { (Float($0) / 255 - mean) / deviation }
            }
        } else {
            table = []
        }
    }

    /// Fills the batch of a training step: shuffled and augmented.
    ///
    /// - Parameters:
    ///   - pixels: room for exactly `batch` images, filled as (batch, rows, columns, channels).
    ///   - labels: room for exactly `batch` labels.
    public mutating func fillTraining(
        step: UInt64, pixels: UnsafeMutableBufferPointer<Float>, labels: UnsafeMutableBufferPointer<Int32>
    ) throws {
        try checkRoom(batch, pixels: pixels.count, labels: labels.count)
        // Wrapping only after 2^64 images, which no run reaches, but which a caller may ask for.
        let first = step &* UInt64(batch)
        for place in 0..<batch {
            let index = Int(order.image(at: first &+ UInt64(place)))
            let move = augmentation.move(moves, step: step, index: place)
            labels[place] = images.labels[index]
            fill(index, move, into: pixels, at: place * images.imageSize)
        }
    }

    /// Fills the named images as they are, neither shuffled nor augmented.
    ///
    /// - Parameters:
    ///   - indices: images of the set, in the order wanted.
    ///   - pixels: room for exactly `indices.count` images, filled as (count, rows, columns, channels).
    ///   - labels: room for exactly `indices.count` labels.
    public func fill(
        indices: ArraySlice<Int32>, pixels: UnsafeMutableBufferPointer<Float>,
        labels: UnsafeMutableBufferPointer<Int32>
    ) throws {
        try checkRoom(indices.count, pixels: pixels.count, labels: labels.count)
        for (place, index) in indices.enumerated() {
            guard index >= 0, Int(index) < images.count else {
                throw DatasetError.invalidSetting(
                    name: "image index", value: "\(index)", allowed: "0..<\(images.count)")
            }
            labels[place] = images.labels[Int(index)]
            fill(Int(index), Augmentation.Move(), into: pixels, at: place * images.imageSize)
        }
    }

    private func checkRoom(_ count: Int, pixels: Int, labels: Int) throws {
        guard pixels == count * images.imageSize, labels == count else {
            throw DatasetError.invalidSetting(
                name: "room for a batch", value: "\(pixels) values and \(labels) labels",
                allowed: "\(count * images.imageSize) values and \(count) labels")
        }
    }

    private func fill(
        _ index: Int, _ move: Augmentation.Move, into target: UnsafeMutableBufferPointer<Float>, at start: Int
    ) {
        switch images.pixels {
        case .bytes(let values):
            values.withUnsafeBufferPointer { source in
                table.withUnsafeBufferPointer { table in
                    place(index, move, target, start) { at, channel in
                        at < 0 ? table[channel * 256] : table[channel * 256 + Int(source[at])]
                    }
                }
            }
        case .floats(let values):
            values.withUnsafeBufferPointer { source in
                place(index, move, target, start) { at, channel in
                    ((at < 0 ? 0 : source[at]) - mean[channel]) * scale[channel]
                }
            }
        }
    }

    /// Walks the target in order and asks `value` for each; -1 stands for what lies outside the image.
    @inline(__always)
    private func place(
        _ index: Int, _ move: Augmentation.Move, _ target: UnsafeMutableBufferPointer<Float>, _ start: Int,
        value: (_ at: Int, _ channel: Int) -> Float
    ) {
        let (height, width, channels) = (images.height, images.width, images.channels)
        let base = index * images.imageSize
        var to = start
        for row in 0..<height {
            let fromRow = row - move.down
            for column in 0..<width {
                let moved = column - move.right
                let fromColumn = move.flipped ? width - 1 - moved : moved
                let inside = fromRow >= 0 && fromRow < height && moved >= 0 && moved < width
                let at = inside ? base + (fromRow * width + fromColumn) * channels : -1
                for channel in 0..<channels {
                    target[to] = value(inside ? at + channel : -1, channel)
                    to += 1
                }
            }
        }
    }
}
