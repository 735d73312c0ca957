internal import Documents
public import SearchSpaces

/// What networks are to tell of an example.
public enum DataTask: String, Sendable, Hashable {
    /// One of some classes.
    case classification
    /// One number or several.
    case regression
}

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
    /// What the format alone says of every image, where it fixes that.
    var fixedImages: FixedImages? { get }
    /// Whether the seed of a run draws the test examples.
    var drawsTest: Bool { get }

    /// Its keys below `data`, with their values in YAML, every default filled.
    var resolvedKeys: [(key: String, value: String)] { get }
}

/// The images and classes of a format that has no others.
public struct FixedImages: Sendable, Hashable {
    /// Height, width and channels.
    public let shape: [Int]
    /// Classes.
    public let classes: Int
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
    public var fixedImages: FixedImages? { nil }
    /// Test examples have files of their own.
    public var drawsTest: Bool { false }
}

/// All formats: the one list of them.
enum DataFormats {
    /// A format, and how its keys are read.
    struct Entry: Sendable {
        let name: String
        let read: @Sendable (SectionReader, DataTask) -> any DataFormat
    }

    static let all: [Entry] = [
        Entry(name: "idx") { reader, _ in ImageArraySettings(reader, name: "idx") },
        Entry(name: "cifar10") { reader, _ in CIFAR10Settings(reader) },
        Entry(name: "npy", read: { NumPySettings.read($0, $1) }),
        Entry(name: "glyphs") { reader, _ in GlyphSettings(reader) },
        Entry(name: "csv") { reader, task in CSVSettings(reader, task) },
    ]

    /// Formats that are to come.
    static let later = ["text", "parallel-text"]
}

extension DataSettings {
    /// Checks what the format alone says of images and classes against what a space reads.
    ///
    /// Formats whose files say it are held against the space when these are opened.
    /// - Throws: `RunError.unfitData`.
    public func check(fits input: InputShape) throws(RunError) {
        let shape = [input.height, input.width, input.channels]
        guard let fixed = source.fixedImages, fixed.shape != shape || fixed.classes != input.classes else { return }
        func text(_ shape: [Int], _ classes: Int) -> String {
            "images of \(shape.map(String.init).joined(separator: " x ")) in \(classes) classes"
        }
        throw .unfitData(
            format: source.name, expected: text(shape, input.classes), found: text(fixed.shape, fixed.classes))
    }
}
