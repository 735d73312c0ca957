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
        let holdOut = ImageDataset.HoldOut(
            validation: settings.holdOut.validation, sampler: settings.holdOut.sampler)
        switch settings.source {
        case .labelled(let train, let test):
            let load = settings.format == .npy ? ImageDataset.loadNPY : ImageDataset.loadIDX
            return try load(pair(train), pair(test), directory, classes, holdOut, seed)
        case .records(let train, let test):
            return try ImageDataset.loadCIFAR(
                train: train, test: test, directory: directory, holdOut: holdOut, seed: seed)
        case .generated(let count, let testCount):
            return try ImageDataset.glyphs(train: count, test: testCount, holdOut: holdOut, seed: seed)
        }
    }

    /// Reads or generates the test examples alone.
    public static func loadTest(_ settings: DataSettings, directory: DataFolder, classes: Int) throws -> ImageSet {
        switch settings.source {
        case .labelled(_, let test):
            let load = settings.format == .npy ? ImageDataset.loadNPY : ImageDataset.loadIDX
            return try load(pair(test), pair(test), directory, classes, .init(validation: 0), 0).test
        case .records(_, let test):
            return try ImageDataset.loadCIFAR(
                train: test, test: test, directory: directory, holdOut: .init(validation: 0), seed: 0
            ).test
        case .generated(_, let testCount):
            return try ImageDataset.glyphs(train: 1, test: testCount, holdOut: .init(validation: 0), seed: 0).test
        }
    }

    /// The bytes of the images, from the sizes of the files.
    ///
    /// - Throws: `DatasetError` when a file is not there.
    static func bytes(of settings: DataSettings, folder: DataFolder, _ input: InputShape) throws -> Int {
        switch settings.source {
        case .labelled(let train, let test):
            try [train.images, train.labels, test.images, test.labels].reduce(0) {
                try $0 + folder.unpackedBytes(of: $1)
            }
        case .records(let train, let test):
            try (train + test).reduce(0) { try $0 + folder.unpackedBytes(of: $1) }
        case .generated(let count, let testCount):
            (count + testCount) * input.height * input.width * input.channels
        }
    }

    /// Checks that images are what a space reads.
    ///
    /// - Throws: `TrainingError.dataMismatch`.
    static func check(_ images: ImageSet, fit input: InputShape) throws(TrainingError) {
        guard [images.height, images.width, images.channels] == [input.height, input.width, input.channels] else {
            throw .dataMismatch(
                what: "image shape", expected: "\(input.height) x \(input.width) x \(input.channels)",
                found: images.shapeDescription)
        }
        guard images.classes == input.classes else {
            throw .dataMismatch(what: "number of classes", expected: "\(input.classes)", found: "\(images.classes)")
        }
    }

    private static func pair(_ files: DataSettings.LabelledFiles) -> ImageDataset.FilePair {
        ImageDataset.FilePair(images: files.images, labels: files.labels)
    }
}
