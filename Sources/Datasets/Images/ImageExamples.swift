internal import Tensors

/// The images of a part, normalised as they are asked for.
public struct ImageExamples: Examples {
    /// The images.
    public let images: ImageSet
    /// The pixels and a class.
    public let shape: ExampleShape

    private let augmentation: Augmentation
    /// The normalised value of each byte, 256 per channel; empty for float images.
    private let table: [Float]
    private let mean: [Float]
    private let scale: [Float]

    /// Prepares images.
    ///
    /// - Parameter augmentation: The random changes of training batches.
    /// - Throws: `DatasetError.invalidSetting` for a normalisation of other channels.
    public init(
        _ images: ImageSet, normalization: Normalization, augmentation: Augmentation = .none
    ) throws(DatasetError) {
        guard normalization.mean.count == images.channels else {
            throw .invalidSetting(
                name: "normalisation", value: "\(normalization.mean.count) channels",
                allowed: "\(images.channels) channels")
        }
        self.images = images
        self.augmentation = augmentation
        shape = ExampleShape(inputs: images.imageSize, labels: 1)
        let mean = normalization.mean.map(Float.init), deviation = normalization.deviation.map(Float.init)
        self.mean = mean
        scale = deviation.map { 1 / $0 }
        if case .bytes = images.pixels {
            table = zip(mean, deviation).flatMap { mean, deviation in
                (0..<256).map { (Float($0) / 255 - mean) / deviation }
            }
        } else {
            table = []
        }
    }

    /// How many images there are.
    public var count: Int { images.count }

    /// Writes images into a batch, moved and mirrored where there are changes.
    public func fill(
        _ batch: ExampleBatch, with indices: ArraySlice<Int32>, changes: ExampleChanges?
    ) throws(DatasetError) {
        try batch.begin(indices, of: self)
        for (place, index) in indices.enumerated() {
            let move = changes.map { augmentation.move($0.random, step: $0.step, index: place) }
            batch.labelRoom[place] = images.labels[Int(index)]
            fill(Int(index), move ?? Augmentation.Move(), into: batch.inputRoom, at: place * shape.inputs)
            if let changes { change(batch, place, changes) }
        }
        if let changes { mix(batch, changes) }
    }

    /// Changes colours of an image and erases a part of it, which becomes the mean of all images.
    private func change(_ batch: ExampleBatch, _ place: Int, _ changes: ExampleChanges) {
        let image = UnsafeMutableBufferPointer(
            rebasing: batch.inputRoom[place * shape.inputs..<(place + 1) * shape.inputs])
        augmentation.colour.factors(changes.random, step: changes.step, index: place)?
            .apply(to: image, mean: mean, scale: scale, isOfBytes: !table.isEmpty)
        guard
            let part = augmentation.erased(
                changes.random, step: changes.step, index: place, height: images.height, width: images.width)
        else { return }
        for row in part.rows {
            let start = (row * images.width + part.columns.lowerBound) * images.channels
            image[start..<start + part.columns.count * images.channels].update(repeating: 0)
        }
    }

    private func mix(_ batch: ExampleBatch, _ changes: ExampleChanges) {
        guard
            let mixing = augmentation.mixing(
                changes.random, step: changes.step, height: images.height, width: images.width)
        else { return }
        mixing.apply(
            to: UnsafeMutableBufferPointer(rebasing: batch.inputRoom[..<(batch.count * shape.inputs)]),
            count: batch.count,
            width: images.width, channels: images.channels)
        batch.mix(share: mixing.share(height: images.height, width: images.width))
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
