internal import SearchSpaces
internal import Tensors

/// How images become the size that a network reads: once for each batch, before anything is computed, and without a gradient.
struct CNNResolution: Sendable {
    private let image: CNNMap
    private let resamplings: [CNNMap: Resampling]

    /// Prepares the sizes of all networks of a space, or that of one.
    init(_ family: CNNFamily, only input: CNNMap? = nil) {
        let image = family.imageMap
        let sides = family.resolution.map { CNNMap(height: $0, width: $0) }
        self.image = image
        resamplings = (input.map { [$0] } ?? sides).reduce(into: [:]) { known, size in
            known[size] = Resampling(
                height: image.height, width: image.width, outHeight: size.height, outWidth: size.width)
        }
    }

    /// Images as a network reads them; those of its size as they are.
    ///
    /// Shapes: images (batch, height * width * channels), result (batch, places of `input` * channels).
    ///
    /// - Parameter isBound: Whether the pass stands for the memory of others, too: the largest network may read images as they are,
    ///   where others need room for theirs.
    func callAsFunction(_ images: MatrixView, to input: CNNMap, on tape: Tape, isBound: Bool = false) -> MatrixView {
        let resampling = resamplings[input]
        if isBound, resampling == nil, !resamplings.isEmpty {
            tape.takeMemory(
                ofResampled: images.rows, places: input.places, from: image.width,
                channels: images.columns / image.places)
        }
        return tape.resampled(images, by: resampling)
    }
}
