/// A data set ready to train on: images, the parts held out, and how to normalise.
public struct ImageDataset: Sendable {
    /// How many training images to hold out.
    public struct HoldOut: Sendable, Equatable {
        /// Images to validate on, 0 or more.
        public var validation: Int
        /// Images the samplers learn from, 0 or more.
        public var sampler: Int

        /// Takes the two sizes; they are checked against the data when these are loaded.
        public init(validation: Int, sampler: Int = 0) {
            self.validation = validation
            self.sampler = sampler
        }
    }

    /// The images that train and validate; `split` says which does what.
    public let train: ImageSet
    /// The images that are touched once, at the end.
    public let test: ImageSet
    /// Which training images train, validate or teach the samplers.
    public let split: Split
    /// Measured on the images of `split.train` alone.
    public let normalization: Normalization

    /// Ties the parts together.
    ///
    /// - Parameter testName: what an error about the test images is to name.
    public init(
        train: ImageSet, test: ImageSet, holdOut: HoldOut, seed: UInt64, testName: String = "test images"
    ) throws {
        try Self.check(train.layout, test.layout, holdOut: holdOut, testName: testName)
        if let index = test.labels.firstIndex(where: { $0 >= train.classes }) {
            throw DatasetError.labelOutOfRange(
                file: testName, index: index, label: Int(test.labels[index]), classes: train.classes)
        }
        self.train = train
        self.test = test
        split = try Split(
            count: train.count, validation: holdOut.validation, sampler: holdOut.sampler, seed: seed)
        normalization = try Normalization(measuring: train, indices: split.train)
    }

    /// Checks that two parts go together and leave something to train on, as far as headers tell.
    ///
    /// - Parameter testName: what an error about the test images is to name.
    /// - Throws: `DatasetError`.
    public static func check(
        _ train: ImageLayout, _ test: ImageLayout, holdOut: HoldOut, testName: String
    ) throws(DatasetError) {
        guard train.height == test.height, train.width == test.width, train.channels == test.channels else {
            throw .shapeMismatch(file: testName, expected: train.shapeDescription, found: test.shapeDescription)
        }
        guard train.valueBytes == test.valueBytes else {
            // Bytes count as value / 255, so a mixture would be off by that factor without a word.
            throw .unsupported(
                file: testName, expected: "pixels of the same type as in the training images, both bytes or neither",
                found: "another type")
        }
        try Split.check(count: train.count, validation: holdOut.validation, sampler: holdOut.sampler)
    }

    /// Reads or draws both parts; names of files are looked up in `directory`, with and without `.gz`.
    ///
    /// - Parameters:
    ///   - classes: The classes that labels must keep to; nil takes the largest training label plus one.
    ///   - layouts: What the sources said of their layout, so that nothing is counted twice.
    public static func load(
        train: ImageSource, test: ImageSource, directory: DataFolder, classes: Int? = nil, holdOut: HoldOut,
        seed: UInt64, layouts: (train: ImageLayout, test: ImageLayout)? = nil
    ) throws -> ImageDataset {
        let trainSet = try train.read(in: directory, classes: classes, layout: layouts?.train)
        // The training labels decide, so that a stray test label is an error and not one more class.
        let testSet = try test.read(in: directory, classes: trainSet.classes, layout: layouts?.test)
        return try ImageDataset(
            train: trainSet, test: testSet, holdOut: holdOut, seed: seed, testName: test.name)
    }

    /// Draws the generated glyphs; needs no files.
    ///
    /// - Parameter glyphSeed: the seed of the images, apart from that of the run, so that all runs see the same.
    public static func glyphs(
        train: Int = 12_000, test: Int = 2_000, glyphSeed: UInt64 = 0, holdOut: HoldOut, seed: UInt64
    ) throws -> ImageDataset {
        try load(
            train: .glyphs(seed: glyphSeed, .train, count: train), test: .glyphs(seed: glyphSeed, .test, count: test),
            directory: DataFolder("."), holdOut: holdOut, seed: seed)
    }

    /// Training batches of this data set.
    public func batches(
        of batch: Int, seed: UInt64, augmentation: Augmentation = .none
    ) throws -> BatchSource {
        try BatchSource(
            images: train, train: split.train, normalization: normalization, batch: batch, seed: seed,
            augmentation: augmentation)
    }

    /// Fills of the test images, normalised like the training images; its training order goes over them all.
    public func testBatches(of batch: Int) throws -> BatchSource {
        try BatchSource(
            images: test, train: (0..<Int32(test.count)).map { $0 }, normalization: normalization, batch: batch,
            seed: 0)
    }

    /// Hands all pixels and labels, train then test, to `body` as bytes, in several calls.
    ///
    /// A digest of the bytes identifies the data; the split is no part of it.
    public func withDigestBytes(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        try train.withDigestBytes(body)
        try test.withDigestBytes(body)
    }
}
