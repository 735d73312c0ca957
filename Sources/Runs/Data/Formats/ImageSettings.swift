internal import Documents
public import SearchSpaces

/// Images and labels in arrays of their own (`idx`, `npy`).
public struct ImageArraySettings: DataFormat {
    /// A file of images and one of their labels.
    public struct Files: Sendable, Hashable {
        /// Path of the images.
        public let images: String
        /// Path of the labels.
        public let labels: String
    }

    /// `idx` or `npy`.
    public let name: String
    /// What is trained on and held out.
    public let train: Files
    /// What is measured at the end.
    public let test: Files

    init(_ reader: SectionReader, name: String) {
        self.init(reader.section("train", isRequired: true), reader.section("test", isRequired: true), name: name)
    }

    init(_ train: SectionReader, _ test: SectionReader, name: String) {
        func files(_ section: SectionReader) -> Files {
            defer { section.finish() }
            section.describe([
                "images": "file of the images, plain or .gz",
                "labels": "file of their labels",
            ])
            return Files(images: section.text("images"), labels: section.text("labels"))
        }
        self.name = name
        self.train = files(train)
        self.test = files(test)
    }

    public var resolvedKeys: [(key: String, value: String)] {
        [("train", train), ("test", test)].flatMap { key, files in
            [
                ("\(key).images", ResolvedEntries.quoted(files.images)),
                ("\(key).labels", ResolvedEntries.quoted(files.labels)),
            ]
        }
    }
}

/// Files of CIFAR-10 or CIFAR-100 records.
public struct CIFARSettings: DataFormat {
    /// `cifar10` or `cifar100`.
    public let name: String
    /// How many classes it has.
    public let classes: Int
    /// What is trained on and held out.
    public let train: [String]
    /// What is measured at the end.
    public let test: [String]

    init(_ reader: SectionReader, name: String, classes: Int) {
        self.name = name
        self.classes = classes
        func files(_ key: String) -> [String] {
            let section = reader.section(key, isRequired: true)
            defer { section.finish() }
            section.describe([
                "files": "files of records, plain or .gz"
            ])
            return section.fileNames()
        }
        train = files("train")
        test = files("test")
    }

    /// Photographs.
    public var fixedSignature: ExampleSignature? {
        ExampleSignature(input: .image(height: 32, width: 32, channels: 3), output: .classes(classes))
    }

    public var resolvedKeys: [(key: String, value: String)] {
        [("train.files", ResolvedEntries.list(train)), ("test.files", ResolvedEntries.list(test))]
    }
}

/// Generated images of characters.
public struct GlyphSettings: DataFormat {
    /// How many to train with and to hold out.
    public let count: Int
    /// How many to test with.
    public let testCount: Int

    init(_ reader: SectionReader) {
        reader.describe([
            "count": "images to train with and to hold out",
            "testCount": "images to test with",
        ])
        count = reader.integer("count", default: 8000, in: DataLimits.examples)
        testCount = reader.integer("testCount", default: 2000, in: DataLimits.examples)
    }

    public var name: String { "glyphs" }
    public var needsFiles: Bool { false }
    /// There are not many.
    public var usualValidation: Int { 1000 }
    public var trainingCount: Int? { count }
    /// Figures in ten classes.
    public var fixedSignature: ExampleSignature? {
        ExampleSignature(input: .image(height: 28, width: 28, channels: 1), output: .classes(10))
    }

    public var resolvedKeys: [(key: String, value: String)] {
        [("count", String(count)), ("testCount", String(testCount))]
    }
}

extension SectionReader {
    /// The required key `files`: a list of names, of which there is one at least.
    func fileNames() -> [String] {
        let items = list(
            "files", isRequired: true, expected: "a list of file names", least: "at least one file name", most: 10_000)
        return items.enumerated().compactMap { index, item in
            text(item, path: "\(path("files"))[\(index)]", expected: "a file name")
        }
    }
}

extension ResolvedEntries {
    /// Texts as a YAML list of one line.
    static func list(_ texts: [String]) -> String { "[\(texts.map(quoted).joined(separator: ", "))]" }
}
