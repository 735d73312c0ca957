internal import Documents
public import SearchSpaces

/// The settings of one format of data: what the section `data` says beside what it says for every format.
///
/// Each format is a type of its own, which `DataFormats` lists and nothing else names but whoever loads it.
public protocol DataFormat: Sendable, Hashable {
    /// The word of `data.format`.
    var name: String { get }
    /// Whether its examples lie in files.
    var needsFiles: Bool { get }
    /// Whether its examples are images, which `data.augmentation` may change.
    var hasImages: Bool { get }
    /// Examples that are held out for validation unless a run says how many.
    var usualValidation: Int { get }
    /// How many examples there are to train on and to hold out, where the settings alone say it.
    var trainingCount: Int? { get }
    /// What every example of the format is, where the format fixes it.
    var fixedSignature: ExampleSignature? { get }
    /// Whether the seed of a run draws the test examples.
    var drawsTest: Bool { get }
    /// Whether each class gives its share to what is held out, unless a run says otherwise.
    var usualStratified: Bool { get }

    /// Its keys below `data`, with their values in YAML, every default filled.
    var resolvedKeys: [(key: String, value: String)] { get }
}

extension DataFormat {
    /// Files are the rule.
    public var needsFiles: Bool { true }
    /// Images are the rule.
    public var hasImages: Bool { true }
    /// What suits sets of tens of thousands.
    public var usualValidation: Int { 5000 }
    /// Files say it when they are opened.
    public var trainingCount: Int? { nil }
    /// Files say it when they are opened.
    public var fixedSignature: ExampleSignature? { nil }
    /// Test examples have files of their own.
    public var drawsTest: Bool { false }
    /// Formats of earlier versions held out whatever came.
    public var usualStratified: Bool { false }
}

/// All formats: the one list of them.
enum DataFormats {
    /// A format, and how its keys are read.
    struct Entry: Sendable {
        let name: String
        let read: @Sendable (SectionReader, TaskKind?) -> any DataFormat
    }

    static let all: [Entry] = [
        Entry(name: "idx") { reader, _ in ImageArraySettings(reader, name: "idx") },
        Entry(name: "cifar10") { reader, _ in CIFARSettings(reader, name: "cifar10", classes: 10) },
        Entry(name: "cifar100") { reader, _ in CIFARSettings(reader, name: "cifar100", classes: 100) },
        Entry(name: ImageFolderSettings.name) { reader, _ in ImageFolderSettings(reader) },
        Entry(name: "npy") { reader, _ in NumPySettings.read(reader) },
        Entry(name: "npz") { reader, _ in NumPyArchiveSettings(reader) },
        Entry(name: "glyphs") { reader, _ in GlyphSettings(reader) },
        Entry(name: "csv") { reader, task in CSVSettings(reader, task) },
    ]

    /// Formats that are to come.
    static let later = ["text", "parallel-text"]
}

extension DataSettings {
    /// Checks what the format alone says of examples against what a space reads and answers.
    ///
    /// Formats whose files say it are held against the space when these are opened.
    /// - Throws: `RunError.unfitData`.
    public func check(fits signature: ExampleSignature) throws(RunError) {
        guard let fixed = source.fixedSignature, fixed != signature else { return }
        throw .unfitData(format: source.name, expected: "\(signature)", found: "\(fixed)")
    }
}
