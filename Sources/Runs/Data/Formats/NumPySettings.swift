internal import Documents

/// NumPy arrays: of images, or of vectors.
enum NumPySettings {
    static func read(_ reader: SectionReader) -> any DataFormat {
        let train = reader.section("train", isRequired: true), test = reader.section("test", isRequired: true)
        for section in [train, test] {
            // Which of them a file has decides what the others are.
            for key in ["inputs", "targets"] { section.collector.note(section.path(key), .other) }
        }
        let isVector = train.has("inputs") || train.has("targets")
        return isVector ? VectorSettings(train, test) : ImageArraySettings(train, test, name: "npy")
    }
}

/// Images and labels in archives of NumPy arrays (`npz`), one for both parts or one each.
public struct NumPyArchiveSettings: DataFormat {
    /// A file, and the names of the arrays in it.
    public struct Arrays: Sendable, Hashable {
        /// Path of the archive.
        public let file: String
        /// Name of the images.
        public let images: String
        /// Name of the labels.
        public let labels: String
    }

    /// What is trained on and held out.
    public let train: Arrays
    /// What is measured at the end.
    public let test: Arrays

    init(_ reader: SectionReader) {
        func arrays(_ key: String) -> Arrays {
            let section = reader.section(key, isRequired: true)
            defer { section.finish() }
            section.describe([
                "file": "the archive",
                "images": "name of the array of images in it",
                "labels": "name of the array of labels in it",
            ])
            return Arrays(
                file: section.text("file"), images: section.text("images", default: "images"),
                labels: section.text("labels", default: "labels"))
        }
        train = arrays("train")
        test = arrays("test")
    }

    public var name: String { "npz" }

    public var resolvedKeys: [(key: String, value: String)] {
        [("train", train), ("test", test)].flatMap { key, arrays in
            [("file", arrays.file), ("images", arrays.images), ("labels", arrays.labels)].map {
                ("\(key).\($0)", ResolvedEntries.quoted($1))
            }
        }
    }
}

/// Vectors in NumPy arrays, with a label or with numbers to tell.
public struct VectorSettings: DataFormat {
    /// A file of vectors, and one of what is to be told of them.
    public struct Files: Sendable, Hashable {
        /// Path of the vectors.
        public let inputs: String
        /// Path of the labels, or of the targets.
        public let targets: String
    }

    /// What is trained on and held out.
    public let train: Files
    /// What is measured at the end.
    public let test: Files
    /// Whether targets are labels of classes, and not numbers.
    public let isLabelled: Bool

    private static let keys = ["labels", "targets"]

    init(_ train: SectionReader, _ test: SectionReader) {
        let isLabelled = !train.has("targets")
        func files(_ section: SectionReader) -> Files {
            defer { section.finish() }
            section.describe([
                "inputs": "file of the vectors",
                "labels": "file of their labels",
                "targets": "file of the numbers to tell of them",
            ])
            return Files(
                inputs: section.text("inputs"), targets: section.text(isLabelled ? Self.keys[0] : Self.keys[1]))
        }
        self.isLabelled = isLabelled
        self.train = files(train)
        self.test = files(test)
    }

    public var name: String { "npy" }
    public var hasImages: Bool { false }
    /// Tables are smaller than sets of images.
    public var usualValidation: Int { 1000 }

    public var resolvedKeys: [(key: String, value: String)] {
        [("train", train), ("test", test)].flatMap { part, files in
            [
                ("\(part).inputs", ResolvedEntries.quoted(files.inputs)),
                ("\(part).\(isLabelled ? Self.keys[0] : Self.keys[1])", ResolvedEntries.quoted(files.targets)),
            ]
        }
    }
}
