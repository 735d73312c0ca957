public import Datasets
public import SearchSpaces
internal import Training

/// Loads the data that a run file names.
public enum DatasetLoader {
    /// Reads or generates the data.
    ///
    /// - Parameters:
    ///   - directory: The folder that file names are relative to.
    ///   - seed: The seed of the splits.
    ///   - classes: The classes of the space, which labels must keep to.
    public static func load(
        _ settings: DataSettings, directory: DataFolder, seed: UInt64, classes: Int
    ) throws -> ImageDataset {
        let sources = sources(of: settings)
        return try ImageDataset.load(
            train: sources.train, test: sources.test, directory: directory, classes: classes,
            holdOut: ImageDataset.HoldOut(
                validation: settings.holdOut.validation, sampler: settings.holdOut.sampler), seed: seed)
    }

    /// Reads or generates the test examples alone.
    public static func loadTest(_ settings: DataSettings, directory: DataFolder, classes: Int) throws -> ImageSet {
        try sources(of: settings).test.read(in: directory, classes: classes)
    }

    /// The bytes of memory that the data take, from headers and sizes of files.
    ///
    /// - Parameter part: What is to be read.
    /// - Throws: `DatasetError` when a file is not there or its header is none, and what is wrong with the data by their
    ///   headers: `DatasetError.invalidSplit` and `TrainingError.dataMismatch`.
    static func memoryBytes(
        of settings: DataSettings, _ part: Part, folder: DataFolder, _ input: InputShape
    ) throws -> Int {
        let sources = sources(of: settings)
        guard part == .all else { return try layout(of: sources.test, folder, input).memoryBytes }
        let train = try layout(of: sources.train, folder, input)
        let test = try layout(of: sources.test, folder, input)
        let holdOut = settings.holdOut
        guard holdOut.validation + holdOut.sampler < train.count else {
            throw DatasetError.invalidSplit(
                reason: "validation \(holdOut.validation) and sampler \(holdOut.sampler) of \(train.count) images "
                    + "leave none to train on")
        }
        return train.memoryBytes.plus(test.memoryBytes)
    }

    /// What of the data is to be read.
    enum Part {
        /// Everything.
        case all
        /// The test examples alone.
        case test
    }

    /// What a part holds, which must be images that a space reads.
    ///
    /// - Throws: `DatasetError` or `TrainingError.dataMismatch`.
    private static func layout(
        of source: ImageSource, _ folder: DataFolder, _ input: InputShape
    ) throws -> ImageLayout {
        let images = try source.layout(in: folder)
        let found = [images.height, images.width, images.channels]
        let expected = [input.height, input.width, input.channels]
        guard found != expected else { return images }
        let isTransposed = found == [input.channels, input.height, input.width]
        throw TrainingError.dataMismatch(
            what: "image shape in \(source.name)", expected: expected.map(String.init).joined(separator: " x "),
            found: images.shapeDescription
                + (isTransposed
                    ? ", with the channels first, as PyTorch has them: write a.transpose(0, 2, 3, 1), which puts them last"
                    : ""))
    }

    /// Checks that a set has the classes of a space.
    ///
    /// - Throws: `TrainingError.dataMismatch`.
    static func check(_ images: ImageSet, fits input: InputShape) throws(TrainingError) {
        guard images.classes == input.classes else {
            throw .dataMismatch(what: "number of classes", expected: "\(input.classes)", found: "\(images.classes)")
        }
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
