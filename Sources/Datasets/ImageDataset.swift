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

    /// The names of an images file and of its labels file, relative to the data directory or absolute.
    public struct FilePair: Sendable, Equatable {
        /// The file of images.
        public var images: String
        /// The file of labels.
        public var labels: String

        /// Takes the two names, with or without `.gz`.
        public init(images: String, labels: String) {
            self.images = images
            self.labels = labels
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
        guard train.height == test.height, train.width == test.width, train.channels == test.channels else {
            throw DatasetError.shapeMismatch(
                file: testName, expected: train.shapeDescription, found: test.shapeDescription)
        }
        switch (train.pixels, test.pixels) {
        case (.bytes, .bytes), (.floats, .floats): break
        default:
            // Bytes count as value / 255, so a mixture would be off by that factor without a word.
            throw DatasetError.unsupported(
                file: testName, expected: "pixels of the same type as in the training images", found: "another type")
        }
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

    /// Loads IDX files; each name is looked up in `directory`, with and without `.gz`.
    ///
    /// - Parameter classes: nil takes the largest training label plus one.
    public static func loadIDX(
        train: FilePair, test: FilePair, directory: DataFolder, classes: Int? = nil, holdOut: HoldOut, seed: UInt64
    ) throws -> ImageDataset {
        try loadPairs(
            train, test, directory, classes, holdOut, seed,
            read: { try IDXReader.read(images: $0, labels: $1, classes: $2) })
    }

    /// Loads NPY files; each name is looked up in `directory`, with and without `.gz`.
    ///
    /// - Parameter classes: nil takes the largest training label plus one.
    public static func loadNPY(
        train: FilePair, test: FilePair, directory: DataFolder, classes: Int? = nil, holdOut: HoldOut, seed: UInt64
    ) throws -> ImageDataset {
        try loadPairs(
            train, test, directory, classes, holdOut, seed,
            read: { try NPYReader.read(images: $0, labels: $1, classes: $2) })
    }

    /// Loads CIFAR-10 binary files; each name is looked up in `directory`, with and without `.gz`.
    public static func loadCIFAR(
        train: [String], test: [String], directory: DataFolder, holdOut: HoldOut, seed: UInt64
    ) throws -> ImageDataset {
        let trainFiles = try train.map { try directory.find($0) }
        let testFiles = try test.map { try directory.find($0) }
        return try ImageDataset(
            train: CIFARReader.read(files: trainFiles), test: CIFARReader.read(files: testFiles),
            holdOut: holdOut, seed: seed)
    }

    /// Draws the generated glyphs; needs no files.
    ///
    /// - Parameter glyphSeed: the seed of the images, apart from that of the run, so that all runs see the same.
    public static func glyphs(
        train: Int = 12_000, test: Int = 2_000, glyphSeed: UInt64 = 0, holdOut: HoldOut, seed: UInt64
    ) throws -> ImageDataset {
        let generator = GlyphGenerator(seed: glyphSeed)
        return try ImageDataset(
            train: generator.images(.train, count: train), test: generator.images(.test, count: test),
            holdOut: holdOut, seed: seed)
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

    private static func loadPairs(
        _ train: FilePair, _ test: FilePair, _ directory: DataFolder, _ classes: Int?, _ holdOut: HoldOut,
        _ seed: UInt64, read: (DataFile, DataFile, Int?) throws -> ImageSet
    ) throws -> ImageDataset {
        let trainImages = try directory.find(train.images)
        let trainLabels = try directory.find(train.labels)
        let testImages = try directory.find(test.images)
        let testLabels = try directory.find(test.labels)
        let trainSet = try read(trainImages, trainLabels, classes)
        // The training labels decide, so that a stray test label is an error and not one more class.
        let testSet = try read(testImages, testLabels, trainSet.classes)
        return try ImageDataset(
            train: trainSet, test: testSet, holdOut: holdOut, seed: seed, testName: testImages.path)
    }
}
