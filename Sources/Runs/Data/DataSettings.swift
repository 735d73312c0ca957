public import Documents
internal import SearchSpaces

/// Where the examples of a run come from and how they are split.
public struct DataSettings: Sendable, Hashable {
    /// Examples taken from the training set for other uses.
    public struct HoldOut: Sendable, Hashable {
        /// Examples that candidates are measured on; the default is the format's.
        public let validation: Int
        /// Examples that the sampler learns from; default 0.
        public let sampler: Int
        /// Whether each class gives its share to every part; the default is the format's.
        public let isStratified: Bool
    }

    /// Random changes of training images.
    public struct Augmentation: Sendable, Hashable {
        /// Greatest shift in each direction, in pixels; default 0, off.
        public let shift: Int
        /// Whether images are mirrored left to right half of the time; default false.
        public let flip: Bool
        /// Greatest share by which brightness, contrast and saturation change; default 0 each, off.
        public let brightness: Double, contrast: Double, saturation: Double
        /// Share of the images that lose a rectangle; default 0.
        public let erasing: Double
        /// The parameter of the beta distribution by which images are blended with one another; default 0, off.
        public let mixup: Double
        /// The same, for rectangles that images take from one another; default 0, off.
        public let cutmix: Double

        init(_ reader: SectionReader? = nil) {
            func share(_ key: String) -> Double { reader?.number(key, default: 0, in: 0...1) ?? 0 }
            shift = reader?.integer("shift", default: 0, in: 0...64) ?? 0
            flip = reader?.flag("flip", default: false) ?? false
            (brightness, contrast, saturation) = (share("brightness"), share("contrast"), share("saturation"))
            (erasing, mixup, cutmix) = (share("erasing"), share("mixup"), share("cutmix"))
        }

        func resolve(into resolved: inout ResolvedEntries) {
            resolved.add("data.augmentation.shift", shift)
            resolved.add("data.augmentation.flip", flip)
            // What earlier versions knew nothing of is said where it is on, so that their runs stay the same.
            for (key, value) in [
                ("brightness", brightness), ("contrast", contrast), ("saturation", saturation), ("erasing", erasing),
                ("mixup", mixup), ("cutmix", cutmix),
            ] where value != 0 {
                resolved.add("data.augmentation.\(key)", plain: ShortNumber.text(value))
            }
        }
    }

    /// Folder that file names are relative to, or nil for the default of the caller.
    public let directory: String?
    /// How data is stored, and where.
    public let source: any DataFormat
    /// The splits.
    public let holdOut: HoldOut
    /// The augmentation.
    public let augmentation: Augmentation
    /// The seed that drew the test examples, in files that travel without their run; nil elsewhere.
    public private(set) var seed: Int?

    /// - Parameter task: What networks are to tell; nil where the space alone says it.
    init(_ reader: SectionReader, task: TaskKind? = nil) {
        reader.describe([
            "format": "how the data is stored; the other keys follow from it",
            "directory": "folder of the files; --data replaces it",
            "holdOut": "examples taken from the training data for other uses",
            "holdOut.validation": "training examples that candidates are measured on",
            "holdOut.sampler": "training examples kept for samplers that learn",
            "holdOut.stratified":
                "whether each class gives its share to what is held out, and of a table to test rows that are drawn",
            "augmentation": "random changes of training images",
            "augmentation.shift": "greatest shift in each direction in pixels",
            "augmentation.flip": "whether images are mirrored left to right half of the time",
            "augmentation.brightness": "greatest share by which brightness changes",
            "augmentation.contrast": "greatest share by which contrast changes",
            "augmentation.saturation": "greatest share by which saturation changes",
            "augmentation.erasing": "share of the images that lose a rectangle",
            "augmentation.mixup": "parameter of the beta distribution by which images are blended; 0 is off",
            "augmentation.cutmix": "the same for rectangles that images take from one another; 0 is off",
            "train": "what is trained on and held out",
            "test": "what is measured once, at the end",
        ])
        let name = reader.word("format", among: DataFormats.all.map(\.name), later: DataFormats.later)
        // Which other keys belong here is only known with the format.
        let format = DataFormats.all.first { $0.name == name }
        // An optional key is known even where it is absent.
        _ = reader.node("directory", isRequired: false, expected: "text")
        directory = reader.has("directory") ? reader.text("directory") : nil
        // The stand-in for an unknown format asks for nothing.
        let source = format?.read(reader, task) ?? GlyphSettings(reader)
        self.source = source
        let split = reader.section("holdOut")
        holdOut = HoldOut(
            validation: split.integer("validation", default: source.usualValidation, in: DataLimits.examples),
            sampler: split.integer("sampler", default: 0, in: 0...DataLimits.examples.upperBound),
            isStratified: split.flag("stratified", default: source.usualStratified))
        if format != nil, let count = source.trainingCount, holdOut.validation + holdOut.sampler >= count {
            reader.report(
                "expected holdOut to leave some of the \(count) examples to train with, found "
                    + "\(holdOut.validation + holdOut.sampler) held out", key: "holdOut")
        }
        split.finish()
        if source.hasImages {
            let changes = reader.section("augmentation")
            augmentation = Augmentation(changes)
            changes.finish()
        } else {
            augmentation = Augmentation()
        }
        if format != nil { reader.finish() }
    }

    /// Whether two read the same data in the same way.
    public static func == (left: DataSettings, right: DataSettings) -> Bool {
        AnyHashable(left.source) == AnyHashable(right.source) && left.directory == right.directory
            && left.holdOut == right.holdOut && left.augmentation == right.augmentation && left.seed == right.seed
    }

    /// Adds what they compare to a hash.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(AnyHashable(source))
        hasher.combine(directory)
        hasher.combine(holdOut)
        hasher.combine(augmentation)
        hasher.combine(seed)
    }

    /// The section as a run file has it, for files that travel alone; reads back with `parse(yaml:file:)`.
    ///
    /// - Parameters:
    ///   - seed: The seed of the run, which is kept where it draws the test examples.
    ///   - isEncoded: Whether it is kept, too, where it draws the hold-out: columns are encoded by the rows that are left. A file
    ///     without one means 0.
    public func yaml(seed: Int, isEncoded: Bool = false) -> String {
        var resolved = ResolvedEntries()
        let drawsRows = isEncoded && !source.hasImages && seed != 0 && holdOut.validation + holdOut.sampler > 0
        if source.drawsTest || drawsRows { resolved.add("seed", seed) }
        resolve(into: &resolved)
        return resolved.yaml
    }

    /// Reads the text of `yaml(seed:isEncoded:)`.
    ///
    /// - Throws: `DocumentError.invalidFile` with every fault of the text.
    public static func parse(
        yaml: String, file: String, task: TaskKind? = nil, origin: DocumentOrigin = .user
    ) throws(DocumentError) -> DataSettings {
        let collector = FaultCollector(origin)
        guard let node = YAMLNode.parse(yaml, into: collector) else {
            try collector.finish(file: file)
            throw .unreadableFile(file: file, reason: "malformed YAML")
        }
        let root = SectionReader(node, path: "", at: .start, collector: collector)
        var settings = DataSettings(root.section("data", isRequired: true), task: task)
        if root.has("seed") { settings.seed = root.integer("seed", in: 0...Int.max) }
        root.finish()
        try collector.finish(file: file)
        return settings
    }

    func resolve(into resolved: inout ResolvedEntries) {
        resolved.add("data.format", plain: source.name)
        if let directory { resolved.add("data.directory", quoted: directory) }
        for (key, value) in source.resolvedKeys { resolved.add("data.\(key)", plain: value) }
        resolved.add("data.holdOut.validation", holdOut.validation)
        resolved.add("data.holdOut.sampler", holdOut.sampler)
        // What earlier versions knew nothing of is said where it is not as usual, so that their runs stay the same.
        if holdOut.isStratified != source.usualStratified {
            resolved.add("data.holdOut.stratified", holdOut.isStratified)
        }
        guard source.hasImages else { return }
        augmentation.resolve(into: &resolved)
    }
}
