internal import Datasets
internal import Runs
internal import SearchSpaces
internal import Training

/// Loads the data that a run file names.
enum DatasetLoader {
    /// Reads or generates the data.
    ///
    /// - Parameters:
    ///   - directory: The folder that file names are relative to.
    ///   - seed: The seed of the splits.
    ///   - classes: The classes of the space, which labels must keep to.
    ///   - layouts: What `layouts` said of these data.
    static func load(
        _ settings: DataSettings, directory: DataFolder, seed: UInt64, classes: Int, layouts: Layouts
    ) throws -> ImageDataset {
        let sources = sources(of: settings)
        return try ImageDataset.load(
            train: sources.train, test: sources.test, directory: directory, classes: classes,
            holdOut: holdOut(of: settings), seed: seed,
            augmentation: try .init(shift: settings.augmentation.shift, flip: settings.augmentation.flip),
            layouts: (layouts.train, layouts.test))
    }

    /// Reads or generates the test examples alone.
    ///
    /// - Parameter layout: What `testLayout` said of them.
    static func loadTest(
        _ settings: DataSettings, directory: DataFolder, classes: Int, layout: ImageLayout
    ) throws -> ImageSet {
        try sources(of: settings).test.read(in: directory, classes: classes, layout: layout)
    }

    /// What the parts of a data set hold.
    struct Layouts {
        /// What is trained on and held out.
        let train: ImageLayout
        /// What is measured at the end.
        let test: ImageLayout

        /// The bytes of memory that both take.
        var memoryBytes: Int { train.memoryBytes.plus(test.memoryBytes) }
    }

    /// What the data hold by headers and sizes of files, which is also what is wrong with them by these.
    ///
    /// - Throws: `DatasetError` when a file is not there or its header is none, and for parts that do not go together or
    ///   leave nothing to train on; `TrainingError.dataMismatch` for images that the space does not read.
    static func layouts(of settings: DataSettings, folder: DataFolder, _ input: ExampleSignature) throws -> Layouts {
        let sources = sources(of: settings)
        let layouts = Layouts(
            train: try layout(of: sources.train, folder, input), test: try layout(of: sources.test, folder, input))
        try ImageDataset.check(
            layouts.train, layouts.test, holdOut: holdOut(of: settings), testName: sources.test.name)
        return layouts
    }

    /// What the test examples alone hold.
    ///
    /// - Throws: As `layouts` does.
    static func testLayout(of settings: DataSettings, folder: DataFolder, _ input: ExampleSignature) throws
        -> ImageLayout
    {
        try layout(of: sources(of: settings).test, folder, input)
    }

    /// What a part holds, which must be images that a space reads.
    ///
    /// - Throws: `DatasetError` or `TrainingError.dataMismatch`.
    private static func layout(
        of source: ImageSource, _ folder: DataFolder, _ input: ExampleSignature
    ) throws -> ImageLayout {
        guard case .image(let height, let width, let channels) = input.input else {
            throw TrainingError.dataMismatch(
                what: "format", expected: "\(input)", found: "images in \(source.name)")
        }
        let images = try source.layout(in: folder, classes: input.outputCount)
        let found = [images.height, images.width, images.channels]
        let expected = [height, width, channels]
        guard found != expected else { return images }
        let isTransposed = found == [channels, height, width]
        throw TrainingError.dataMismatch(
            what: "image shape in \(source.name)", expected: expected.map(String.init).joined(separator: " x "),
            found: images.shapeDescription
                + (isTransposed
                    ? ", with the channels first, as PyTorch has them: write a.transpose(0, 2, 3, 1), which puts them last"
                    : ""))
    }

    /// Checks that data have the classes of a space.
    ///
    /// - Throws: `TrainingError.dataMismatch`.
    static func check(classes: Int, fits input: ExampleSignature) throws(TrainingError) {
        guard classes == input.classes else {
            throw .dataMismatch(what: "number of classes", expected: "\(input.outputCount)", found: "\(classes)")
        }
    }

    private static func holdOut(of settings: DataSettings) -> HoldOut {
        HoldOut(validation: settings.holdOut.validation, sampler: settings.holdOut.sampler)
    }

    private static func sources(of settings: DataSettings) -> (train: ImageSource, test: ImageSource) {
        switch settings.source {
        case .labelled(let train, let test):
            let format: ArrayFormat = settings.format == .npy ? .npy : .idx
            return (
                .arrays(format, images: train.images, labels: train.labels),
                .arrays(format, images: test.images, labels: test.labels)
            )
        case .records(let train, let test): return (.cifar10(train), .cifar10(test))
        case .generated(let count, let testCount):
            return (.glyphs(seed: 0, .train, count: count), .glyphs(seed: 0, .test, count: testCount))
        }
    }
}
