/// Where records lie: CSV files whose rows belong together, or one JSON object.
///
/// Unlike a table that networks learn from, records are looked up by what they are called, and only some of their columns are
/// wanted.
public struct RecordSource: Sendable {
    /// How rows of several files belong together.
    public enum Join: Sendable, Hashable {
        /// By their place.
        case row
        /// By the text in a column that all files have.
        case column(Column)
    }

    /// A column that is wanted, and the key of a run file that names it.
    public struct Column: Sendable, Hashable {
        /// The name in the file.
        public let name: String
        /// The key, such as `evaluator.key.column`.
        public let key: String

        /// Names a column.
        public init(_ name: String, key: String) {
            self.name = name
            self.key = key
        }
    }

    private let files: [String]
    private let join: Join?
    private let missing: [String]
    private let isJSON: Bool

    /// Rows of CSV files with a header; those of the first one count, and others add to them.
    ///
    /// - Parameters:
    ///   - join: How they belong together; nil for one file.
    ///   - missing: Texts that stand where no number is.
    public init(csv files: [String], join: Join?, missing: [String]) {
        self.files = files
        self.join = join
        self.missing = missing
        isJSON = false
    }

    /// Members of a JSON object: numbers, which make the column `value`, or objects of a number for each column.
    public init(json file: String) {
        files = [file]
        join = nil
        missing = []
        isJSON = true
    }

    /// The names of the columns of CSV files; none for a JSON object, whose records have their own.
    ///
    /// - Throws: `DatasetError` for a file that cannot be read or has no header.
    public func columns(in folder: DataFolder) throws -> [String] {
        isJSON ? [] : try files.flatMap { try CSVRecords.header(folder.find($0)) }
    }

    /// Bytes of memory that reading the wanted columns takes at most, by the line breaks of CSV files and the members of an
    /// object; what stands in a column counts only where it is a text. An estimate where the folder has a budget that these
    /// exceed.
    ///
    /// - Throws: `DatasetError` for a file that cannot be read, and for a column that there is not.
    public func memoryBytes(texts: [Column], numbers: [Column], in folder: DataFolder) throws -> Int {
        let found = try files.map { try folder.find($0) }
        if isJSON, let file = found.first {
            let size = try JSONRecords.size(of: file)
            // The text itself, and names out of it.
            return Self.bytes(records: size.records, texts: 1, numbers: numbers.count, textBytes: 2 * size.bytes)
        }
        let wanted = try csv(texts, numbers).wanted(of: found)
        return try zip(found, wanted).reduce(0) { sum, part in
            let (file, columns) = part, size = try file.textLines()
            let (total, isOver) = sum.addingReportingOverflow(
                Self.bytes(
                    records: size.lines, texts: columns.texts, numbers: columns.numbers,
                    textBytes: columns.texts > 0 ? size.bytes : 0))
            return isOver ? .max : total
        }
    }

    /// Bytes of records with the places at which they are found. Columns grow by doubling and are made anew where files are
    /// joined; a text of its own takes a place in a column and one among names or options, beside its bytes.
    private static func bytes(records: Int, texts: Int, numbers: Int, textBytes: Int) -> Int {
        let (bytes, isOver) = records.multipliedReportingOverflow(by: 192 + 32 * numbers + 160 * texts)
        let (total, isMore) = bytes.addingReportingOverflow(textBytes)
        return isOver || isMore ? .max : total
    }

    private func csv(_ texts: [Column], _ numbers: [Column]) -> CSVRecords {
        CSVRecords(texts: texts, numbers: numbers, join: join, missing: missing)
    }

    /// Hands out the unpacked contents of all files, piece by piece.
    ///
    /// - Throws: `DatasetError` for a file that cannot be read.
    public func forEachPiece(in folder: DataFolder, _ body: (UnsafeRawBufferPointer) -> Void) throws {
        for file in files { try ByteStream(folder.find(file)).forEachPiece(body) }
    }

    /// Reads the wanted columns.
    ///
    /// - Parameters:
    ///   - texts: Columns of texts; none for a JSON object, where the first column of texts is the members' names.
    ///   - numbers: Columns of numbers.
    /// - Throws: `DatasetError` with file, line, what is wrong and how to mend it.
    public func read(texts: [Column], numbers: [Column], in folder: DataFolder) throws -> RecordTable {
        let found = try files.map { try folder.find($0) }
        if isJSON, let file = found.first {
            return try JSONRecords.read(file, numbers: numbers)
        }
        return try csv(texts, numbers).read(found)
    }
}

/// The wanted columns of records.
public struct RecordTable: Sendable {
    /// The file whose records they are; others add to them.
    public let file: String
    /// The line where each begins.
    public internal(set) var lines: [Int] = []
    /// Columns of texts, a text for each record; empty where a further file has no such record.
    public internal(set) var texts: [[String]]
    /// Columns of numbers, a number for each record; not a number where nothing stands.
    public internal(set) var numbers: [[Double]]
    /// The file that each column of numbers stands in.
    public internal(set) var numberFiles: [String]

    init(file: String, texts: Int, numbers: Int) {
        self.file = file
        numberFiles = Array(repeating: file, count: numbers)
        self.texts = Array(repeating: [], count: texts)
        self.numbers = Array(repeating: [], count: numbers)
    }

    /// How many there are.
    public var count: Int { lines.count }

    /// The places of records by what they are called; those without a name are left out.
    ///
    /// - Throws: `DatasetError` where two have one name.
    public func places(of names: [String]) throws(DatasetError) -> [String: Int] {
        try Self.places(of: names, lines: lines, file: file)
    }

    static func places(of names: [String], lines: [Int], file: String) throws(DatasetError) -> [String: Int] {
        var places: [String: Int] = [:], repeated = RepeatedRecords()
        places.reserveCapacity(names.count)
        for (index, name) in names.enumerated() where !name.isEmpty {
            if let first = places[name] {
                repeated.add(line: lines[index], firstLine: lines[first]) { name }
            } else {
                places[name] = index
            }
        }
        if let fault = repeated.fault { throw .records(file: file, line: repeated.line, fault) }
        return places
    }
}

/// Records that stand more than once, as they are found: all are counted, and the first few told.
public struct RepeatedRecords: Sendable {
    private static let mostTold = 4
    private var told: [(name: String, line: Int, firstLine: Int)] = []
    private var count = 0

    /// Begins with none.
    public init() {}

    /// Adds a record that has stood in an earlier line.
    public mutating func add(line: Int, firstLine: Int, name: () -> String) {
        count += 1
        if told.count < Self.mostTold { told.append((name(), line, firstLine)) }
    }

    /// The line of the first; nil where there is none.
    public var line: Int? { told.first?.line }

    /// What is wrong; nil where nothing is.
    public var fault: RecordFault? {
        told.first.map { first in
            .repeated(
                first.name, firstLine: first.firstLine, further: count - 1,
                examples: told.dropFirst().map {
                    "\(TableFault.shown($0.name)) in lines \($0.firstLine) and \($0.line)"
                })
        }
    }
}

/// What can be wrong with records.
public enum RecordFault: Equatable, Sendable, CustomStringConvertible {
    /// There is no column of a name.
    case unknownColumn(String, key: String, columns: [String])
    /// There is no column of any of some names, which would be what the purpose says.
    case noneOf([String], purpose: String, columns: [String])
    /// Two columns have the same name.
    case repeatedColumn(String)
    /// Two records have the same name, and so have so many further ones, of which some are named with their lines.
    case repeated(String, firstLine: Int, further: Int, examples: [String])
    /// A record is called as two architectures are.
    case ambiguous(String, architectures: [String])
    /// A text stands where a number should.
    case notANumber(column: String, value: String)
    /// A text is no option of the decision that its column is about.
    case notAnOption(column: String, value: String, options: [String])
    /// Nothing says the option of a decision that counts in an architecture.
    case noOption(column: String, decision: String, options: [String])
    /// Nothing in a column is a number that a metric can have.
    case noNumbers(column: String, key: String)
    /// Two files that belong together row by row have other numbers of them.
    case otherCount(expected: Int, found: Int, first: String)
    /// Of two files that belong together by a column no row finds a partner.
    case noneJoined(key: String, first: String, expected: [String], found: [String])
    /// There are no records.
    case none
    /// The text is no JSON object of records.
    case notJSON(expected: String, found: String)
    /// No record is called as an architecture of the space.
    case noneFound(asked: String, names: [String])

    /// What is wrong and how to mend it.
    public var description: String {
        func shown(_ text: String) -> String { TableFault.shown(text) }
        return switch self {
        case .unknownColumn(let name, let key, let columns):
            "there is no column '\(shown(name))', which \(key) names; there are \(TableFault.list(columns))"
                + (Self.otherDelimiter(of: [name], in: columns) ?? Self.remedy(ofColumn: name))
        case .noneOf(let names, let purpose, let columns):
            "no column is called as \(purpose): one of \(TableFault.list(names)) is expected, and there are "
                + TableFault.list(columns) + (Self.otherDelimiter(of: names, in: columns) ?? "")
        case .repeatedColumn(let name):
            "two columns are called '\(shown(name))'; give each a name of its own"
        case .repeated(let name, let line, let further, let examples):
            "'\(shown(name))' stands here and in line \(line); an architecture has one entry: take one of them out"
                + (further > 0
                    ? "; \(further) further row\(further == 1 ? " repeats" : "s repeat") an entry: "
                        + examples.joined(separator: ", ") + (further > examples.count ? " and so on" : "")
                    : "")
        case .ambiguous(let name, let architectures):
            "'\(shown(name))' is the name of \(architectures.joined(separator: " and of ")), which would have one "
                + "entry; put a sign between the decisions, in evaluator.key.template and in the names of the table, or give "
                + "the options in columns of their own, by evaluator.key.columns"
        case .notANumber(let column, let value):
            "expected a number in column '\(shown(column))', found '\(shown(value))'; correct it, or leave it empty where "
                + "nothing was measured"
        case .notAnOption(let column, let value, let options):
            "expected one of \(options.map(shown).joined(separator: ", ")) in column '\(shown(column))', found "
                + "'\(shown(value))'; correct it, or the options in the space"
        case .noOption(let column, let decision, let options):
            "nothing stands in column '\(shown(column))', though '\(shown(decision))' counts in this architecture; write one "
                + "of \(options.map(shown).joined(separator: ", ")), or take the row out"
        case .noNumbers(let column, let key):
            "column '\(shown(column))', which \(key) names, has nothing that is a finite number there; correct the column or "
                + "the expression, or leave the metric out"
        case .noneJoined(let key, let first, let expected, let found):
            "none of its rows belongs to one of \(first) by \(key): there are \(TableFault.list(expected)), and here "
                + "\(TableFault.list(found)); name a column that has the same texts in both, or files that belong together"
        case .otherCount(let expected, let found, let first):
            "holds \(found) rows and \(first) \(expected); name a column to join them by, or files that belong together"
        case .none: "holds no entries; name another file"
        case .notJSON(let expected, let found):
            "expected \(expected), found \(shown(found)); write an object with a member for each architecture"
        case .noneFound(let asked, let names):
            "no architecture of the space is in it; the first would be '\(shown(asked))', and it has "
                + "\(TableFault.list(names)): correct evaluator.key.template, or the options in the space"
        }
    }

    /// What to do with a file whose fields stand between other signs than commas; nil where none of some names shows it.
    private static func otherDelimiter(of names: [String], in columns: [String]) -> String? {
        for (delimiter, name) in [(Character(";"), "semicolons"), ("\t", "tabs"), ("|", "vertical bars")] {
            let isSo = columns.contains { column in
                let parts = column.split(separator: delimiter, omittingEmptySubsequences: false)
                return parts.count > 1
                    && parts.contains { names.contains($0.trimmingPrefix(while: \.isWhitespace).description) }
            }
            if isSo {
                return "; its fields stand between \(name): put commas there, and fields with commas in double quotes"
            }
        }
        return nil
    }

    /// What else may be meant by a name that no column has.
    private static func remedy(ofColumn name: String) -> String {
        if let sign = name.first, "+-".contains(sign), name.count > 1 {
            return "; a sign and what it is for stand apart: \(sign) \(TableFault.shown(String(name.dropFirst())))"
        }
        return name.contains { "+-".contains($0) } ? "; operators + and - stand between blanks" : ""
    }
}
