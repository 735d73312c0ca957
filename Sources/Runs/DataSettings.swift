public import Documents
internal import SearchSpaces

/// Where the examples of a run come from and how they are split.
public struct DataSettings: Sendable, Hashable {
    /// How data is stored.
    public enum Format: String, Sendable, Hashable, CaseIterable {
        /// IDX files, as MNIST has them.
        case idx
        /// CIFAR-10 binary records.
        case cifar10
        /// NumPy arrays.
        case npy
        /// Generated images of characters; needs no files.
        case glyphs
    }

    /// The examples themselves.
    public enum Source: Sendable, Hashable {
        /// Images and labels in files of their own (`idx`, `npy`).
        case labelled(train: LabelledFiles, test: LabelledFiles)
        /// Files of records that hold both (`cifar10`).
        case records(train: [String], test: [String])
        /// Generated examples (`glyphs`): how many to train with and how many to test with.
        case generated(count: Int, testCount: Int)
    }

    /// A file of images and one of their labels.
    public struct LabelledFiles: Sendable, Hashable {
        /// Path of the images.
        public let images: String
        /// Path of the labels.
        public let labels: String
    }

    /// Examples taken from the training set for other uses.
    public struct HoldOut: Sendable, Hashable {
        /// Examples that candidates are measured on; default 5000 (1000 for glyphs).
        public let validation: Int
        /// Examples that the sampler learns from; default 0.
        public let sampler: Int
    }

    /// Random changes of training images.
    public struct Augmentation: Sendable, Hashable {
        /// Greatest shift in each direction, in pixels; default 0, off.
        public let shift: Int
        /// Whether images are mirrored left to right half of the time; default false.
        public let flip: Bool
    }

    /// How data is stored.
    public let format: Format
    /// Folder that file names are relative to, or nil for the default of the caller.
    public let directory: String?
    /// The examples.
    public let source: Source
    /// The splits.
    public let holdOut: HoldOut
    /// The augmentation.
    public let augmentation: Augmentation

    init(_ reader: SectionReader) {
        let faultsBefore = reader.collector.count
        let format: Format = reader.word(
            "format", later: ["csv", "text", "parallel-text"], laterText: "is not supported yet", standIn: .glyphs)
        // Which other keys belong here is only known with the format.
        let isFormatKnown = reader.has("format") && reader.collector.count == faultsBefore
        self.format = format
        // An optional key is known even where it is absent.
        _ = reader.node("directory", isRequired: false, expected: "text")
        directory = reader.has("directory") ? reader.text("directory") : nil
        var generated: Int?
        switch format {
        case .idx, .npy:
            source = .labelled(train: Self.labelled(reader, "train"), test: Self.labelled(reader, "test"))
        case .cifar10:
            source = .records(train: Self.files(reader, "train"), test: Self.files(reader, "test"))
        case .glyphs:
            // Also the stand-in for an unknown format, as it asks for nothing.
            let count = reader.integer("count", default: 8000, in: DataLimits.examples)
            generated = count
            source = .generated(
                count: count, testCount: reader.integer("testCount", default: 2000, in: DataLimits.examples))
        }
        let split = reader.section("holdOut")
        holdOut = HoldOut(
            validation: split.integer("validation", default: generated == nil ? 5000 : 1000, in: DataLimits.examples),
            sampler: split.integer("sampler", default: 0, in: 0...DataLimits.examples.upperBound))
        if isFormatKnown, let generated, holdOut.validation + holdOut.sampler >= generated {
            reader.report(
                "expected holdOut to leave some of the \(generated) examples to train with, found "
                    + "\(holdOut.validation + holdOut.sampler) held out", key: "holdOut")
        }
        split.finish()
        let changes = reader.section("augmentation")
        augmentation = Augmentation(
            shift: changes.integer("shift", default: 0, in: 0...64), flip: changes.flag("flip", default: false))
        changes.finish()
        if isFormatKnown { reader.finish() }
    }

    /// The section as a run file has it, for files that travel alone; reads back with `parse(yaml:file:)`.
    public var yaml: String {
        var resolved = ResolvedEntries()
        resolve(into: &resolved)
        return resolved.yaml
    }

    /// Reads the text of `yaml`.
    ///
    /// - Throws: `DocumentError.invalidFile` with every fault of the text.
    public static func parse(
        yaml: String, file: String, origin: DocumentOrigin = .user
    ) throws(DocumentError) -> DataSettings {
        let collector = FaultCollector(origin)
        guard let node = YAMLNode.parse(yaml, into: collector) else {
            try collector.finish(file: file)
            throw .unreadableFile(file: file, reason: "malformed YAML")
        }
        let root = SectionReader(node, path: "", at: .start, collector: collector)
        let settings = DataSettings(root.section("data", isRequired: true))
        root.finish()
        try collector.finish(file: file)
        return settings
    }

    func resolve(into resolved: inout ResolvedEntries) {
        resolved.add("data.format", plain: format.rawValue)
        if let directory { resolved.add("data.directory", quoted: directory) }
        switch source {
        case .labelled(let train, let test):
            for (key, files) in [("train", train), ("test", test)] {
                resolved.add("data.\(key).images", quoted: files.images)
                resolved.add("data.\(key).labels", quoted: files.labels)
            }
        case .records(let train, let test):
            for (key, files) in [("train", train), ("test", test)] {
                let list = files.map(ResolvedEntries.quoted).joined(separator: ", ")
                resolved.add("data.\(key).files", plain: "[\(list)]")
            }
        case .generated(let count, let testCount):
            resolved.add("data.count", count)
            resolved.add("data.testCount", testCount)
        }
        resolved.add("data.holdOut.validation", holdOut.validation)
        resolved.add("data.holdOut.sampler", holdOut.sampler)
        resolved.add("data.augmentation.shift", augmentation.shift)
        resolved.add("data.augmentation.flip", augmentation.flip)
    }

    private static func labelled(_ reader: SectionReader, _ key: String) -> LabelledFiles {
        let section = reader.section(key, isRequired: true)
        defer { section.finish() }
        return LabelledFiles(images: section.text("images"), labels: section.text("labels"))
    }

    private static func files(_ reader: SectionReader, _ key: String) -> [String] {
        let section = reader.section(key, isRequired: true)
        let items = section.list("files", isRequired: true, expected: "a list of file names", most: 10_000)
        if items.isEmpty, section.has("files") {
            section.report("expected at least one file name, found an empty list", key: "files")
        }
        section.finish()
        return items.enumerated().compactMap { index, item in
            section.text(item, path: "\(section.path("files"))[\(index)]", expected: "a file name")
        }
    }
}
