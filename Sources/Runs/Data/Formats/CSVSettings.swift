internal import Documents
internal import SearchSpaces

/// A table in CSV files.
public struct CSVSettings: DataFormat {
    /// Where the test rows come from.
    public enum Test: Sendable, Hashable {
        /// Files of their own.
        case files([String])
        /// The last so many rows of the training files.
        case last(Int)
        /// So great a share of the rows of the training files, drawn by the seed.
        case share(Double)
    }

    /// What stands between the fields of a row.
    public enum Delimiter: String, Sendable, Hashable, CaseIterable {
        /// The rule.
        case comma = ","
        /// Where numbers have a comma, or once had.
        case semicolon = ";"
        /// A tabulator.
        case tab
        /// A bar.
        case bar = "|"
    }

    /// The files that are trained on and held out.
    public let train: [String]
    /// Where the test rows come from.
    public let test: Test
    /// Whether the first row of each file names the columns; otherwise these are c1, c2 and so on.
    public let header: Bool
    /// What stands between fields; nil takes what the first row has.
    public let delimiter: Delimiter?
    /// The column that networks are to tell.
    public let target: String
    /// Columns of texts.
    public let categorical: [String]
    /// Texts that stand for what is missing.
    public let missing: [String]

    /// The texts that stand for what is missing unless others are named.
    public static let usualMissing = ["", "?", "NA", "nan"]
    /// Further ones among numbers: in data they were errors there before, and texts like others in columns of texts.
    public static let usualMissingNumbers = ["NaN", "null"]

    /// Texts that stand for what is missing in columns of numbers alone.
    public var missingNumbers: [String] { missing == Self.usualMissing ? Self.usualMissingNumbers : [] }

    init(_ reader: SectionReader, _ task: TaskKind?) {
        reader.describe([
            "train.files": "CSV files, plain or .gz",
            "test.files": "CSV files of the test rows",
            "test.last": "the last so many rows of the training files",
            "test.share": "so great a share of the rows of the training files, drawn by the seed",
            "header": "whether the first row names the columns; otherwise they are c1, c2 and so on",
            "delimiter": "what stands between fields; without it what the first row has",
            "target": "the column that networks are to tell",
            "categorical": "columns of texts",
            "missing": "texts that stand for what is missing",
        ])
        let section = reader.section("train", isRequired: true)
        train = section.fileNames()
        section.finish()
        test = Self.test(reader)
        header = reader.flag("header", default: true)
        delimiter = Self.delimiter(reader)
        Self.noteName(reader.path("target"), reader)
        target =
            reader.node("target", isRequired: true, expected: "the name of a column").flatMap {
                Self.column($0, reader, path: reader.path("target"))
            } ?? ""
        var categorical: [String] = []
        for (index, item) in reader.list(
            "categorical", isRequired: false, expected: "a list of columns", most: 100_000
        ).enumerated() {
            let path = "\(reader.path("categorical"))[\(index)]"
            guard let name = Self.column(item, reader, path: path) else { continue }
            if categorical.contains(name) {
                reader.collector.report("'\(name)' is listed twice", at: item.position, path: path)
            }
            categorical.append(name)
        }
        self.categorical = categorical
        if let task, !task.tellsClasses, categorical.contains(target) {
            reader.report(
                "expected columns of texts, found '\(target)', which is the target of a \(task.name), and a number",
                key: "categorical", hint: "take it out, or take another task.kind")
        }
        missing = Self.missing(reader)
    }

    private static func delimiter(_ reader: SectionReader) -> Delimiter? {
        let expected = "one of \(Delimiter.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", "))"
        reader.collector.note(reader.path("delimiter"), .words(Delimiter.allCases.map(\.rawValue)))
        guard let node = reader.node("delimiter", isRequired: false, expected: expected) else { return nil }
        if case .scalar(let text, _) = node.content, let delimiter = Delimiter(rawValue: text) { return delimiter }
        reader.report("expected \(expected), found \(node.kindText)", key: "delimiter")
        return nil
    }

    /// Notes that something is the name of a column.
    private static func noteName(_ path: String, _ reader: SectionReader) {
        reader.collector.note(path, .text)
        let all = Double.greatestFiniteMagnitude
        reader.collector.note(path, .number(-all...all, excludingLowest: false))
    }

    /// The name of a column, which may be a number.
    private static func column(_ node: YAMLNode, _ reader: SectionReader, path: String) -> String? {
        noteName(path, reader)
        if case .scalar(let text, true) = node.content, SectionReader.number(node) != nil { return text }
        return reader.text(node, path: path, expected: "the name of a column")
    }

    private static func test(_ reader: SectionReader) -> Test {
        let section = reader.section("test", isRequired: true)
        defer { section.finish() }
        let given = ["files", "last", "share"].filter(section.has)
        guard given.count < 2 else {
            section.report(
                "expected one of files, last and share, found \(given.joined(separator: " and "))", key: given[1])
            for key in given { _ = section.node(key, isRequired: false, expected: key) }
            return .last(1)
        }
        switch given.first {
        case "last": return .last(section.integer("last", in: DataLimits.examples))
        case "share":
            let share = section.number("share", in: 0...1, excludingLowest: true)
            if share == 1, section.has("share") {
                section.report("expected a share below 1, which leaves rows to train with", key: "share")
            }
            return .share(share)
        default:
            let files = section.fileNames()
            // Known even where they are absent.
            for key in ["last", "share"] { _ = section.node(key, isRequired: false, expected: key) }
            return .files(files)
        }
    }

    /// Texts of all kinds: a number or nothing may stand for what is missing too.
    private static func missing(_ reader: SectionReader) -> [String] {
        let items = reader.list("missing", isRequired: false, expected: "a list of texts")
        guard reader.has("missing") else { return usualMissing }
        return items.enumerated().compactMap { index, item in
            if case .scalar(let text, let isPlain) = item.content, text.utf8.count <= 64 {
                return isPlain && (text == "~" || text == "null") ? "" : text
            }
            reader.collector.report(
                "expected a text of at most 64 bytes, found \(item.kindText)", at: item.position,
                path: "\(reader.path("missing"))[\(index)]")
            return nil
        }
    }

    public var name: String { "csv" }
    public var hasImages: Bool { false }
    /// Tables are smaller than sets of images.
    public var usualValidation: Int { 1000 }
    /// Where it is a share.
    public var drawsTest: Bool { if case .share = test { true } else { false } }

    /// Files, columns and texts.
    public var resolvedKeys: [(key: String, value: String)] {
        var keys = [("train.files", ResolvedEntries.list(train))]
        switch test {
        case .files(let files): keys.append(("test.files", ResolvedEntries.list(files)))
        case .last(let count): keys.append(("test.last", String(count)))
        case .share(let share): keys.append(("test.share", ShortNumber.text(share)))
        }
        keys.append(("header", String(header)))
        if let delimiter { keys.append(("delimiter", ResolvedEntries.quoted(delimiter.rawValue))) }
        keys.append(("target", ResolvedEntries.quoted(target)))
        if !categorical.isEmpty { keys.append(("categorical", ResolvedEntries.list(categorical))) }
        keys.append(("missing", ResolvedEntries.list(missing)))
        return keys
    }
}
