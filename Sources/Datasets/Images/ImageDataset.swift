/// A data set of labelled images.
public struct ImageDataset: Dataset {
    /// The images that train and validate; `split` says which does what.
    public let train: ImageSet
    /// The images that are touched once, at the end.
    public let test: ImageSet
    /// Which training images train, validate or teach the samplers.
    public let split: Split
    /// Measured on the images of `split.train` alone.
    public let normalization: Normalization
    /// The images of `train`, normalised.
    public let trainingExamples: any Examples
    /// The images of `test`, normalised.
    public let testExamples: any Examples

    /// Classes.
    public var goal: DataGoal { .classes(train.classes) }
    /// Those of the training part.
    public var classNames: [String]? { train.classNames }
    /// What both parts have in the cache of the data directory.
    public let cacheBytes: Int
    /// Bytes of memory that both parts take at most.
    public var memoryBytes: Int { train.layout.memoryBytes + test.layout.memoryBytes }

    /// Ties the parts together.
    ///
    /// - Parameters:
    ///   - augmentation: The random changes of training batches.
    ///   - testName: What an error about the test images is to name.
    ///   - cacheBytes: What both have in the cache of the data directory.
    public init(
        train: ImageSet, test: ImageSet, holdOut: HoldOut, seed: UInt64, augmentation: Augmentation = .none,
        testName: String = "test images", cacheBytes: Int = 0
    ) throws {
        try Self.check(train.layout, test.layout, holdOut: holdOut, testName: testName)
        if let index = test.labels.firstIndex(where: { $0 >= train.classes }) {
            throw DatasetError.labelOutOfRange(
                file: testName, index: index, label: Int(test.labels[index]), classes: train.classes)
        }
        self.train = train
        self.test = test
        self.cacheBytes = cacheBytes
        split = try Split(
            count: train.count, validation: holdOut.validation, sampler: holdOut.sampler, seed: seed,
            strata: holdOut.isStratified ? Strata(train.labels, classes: train.classes) : nil)
        normalization = try Normalization(measuring: train, indices: split.train)
        trainingExamples = try ImageExamples(train, normalization: normalization, augmentation: augmentation)
        testExamples = try ImageExamples(test, normalization: normalization)
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
        seed: UInt64, augmentation: Augmentation = .none, layouts: (train: ImageLayout, test: ImageLayout)? = nil
    ) throws -> ImageDataset {
        let trainSet = try train.read(in: directory, classes: classes, layout: layouts?.train)
        // The training labels decide, so that a stray test label is an error and not one more class.
        let testSet = try test.read(in: directory, classes: trainSet.classes, layout: layouts?.test)
        return try ImageDataset(
            train: trainSet, test: testSet, holdOut: holdOut, seed: seed, augmentation: augmentation,
            testName: test.name, cacheBytes: layouts.map { $0.train.cacheBytes + $0.test.cacheBytes } ?? 0)
    }

    /// Draws the generated glyphs; needs no files.
    ///
    /// - Parameter glyphSeed: the seed of the images, apart from that of the run, so that all runs see the same.
    public static func glyphs(
        train: Int = 12_000, test: Int = 2_000, glyphSeed: UInt64 = 0, holdOut: HoldOut, seed: UInt64,
        augmentation: Augmentation = .none
    ) throws -> ImageDataset {
        try load(
            train: .glyphs(seed: glyphSeed, .train, count: train), test: .glyphs(seed: glyphSeed, .test, count: test),
            directory: DataFolder("."), holdOut: holdOut, seed: seed, augmentation: augmentation)
    }

    /// Hands shapes, pixels and labels to `body`, train then test.
    public func withDigestBytes(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        try train.withDigestBytes(body)
        try test.withDigestBytes(body)
    }
}
