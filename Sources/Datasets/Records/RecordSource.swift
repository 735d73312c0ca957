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
    private let isJSON: Bool

    /// Rows of CSV files with a header; those of the first one count, and others add to them.
    ///
    /// - Parameter join: How they belong together; nil for one file.
    public init(csv files: [String], join: Join?) {
        self.files = files
        self.join = join
        isJSON = false
    }

    /// Members of a JSON object: numbers, which make the column `value`, or objects of a number for each column.
    public init(json file: String) {
        files = [file]
        join = nil
        isJSON = true
    }

    /// Bytes of memory that reading takes at most, by the sizes of the files.
    ///
    /// - Throws: `DatasetError` for a file that cannot be read.
    public func memoryBytes(in folder: DataFolder) throws -> Int {
        try files.reduce(0) { sum, file in
            // A field of a byte may become a number or a text of its own.
            let bytes = try folder.find(file).unpackedBytes().multipliedReportingOverflow(by: 16)
            let (total, isOver) = sum.addingReportingOverflow(bytes.overflow ? .max : bytes.partialValue)
            return isOver ? .max : total
        }
    }

    /// Hands out the unpacked contents of all files, piece by piece.
    ///
    /// - Throws: `DatasetError` for a file that cannot be read.
    public func forEachPiece(in folder: DataFolder, _ body: (UnsafeRawBufferPointer) -> Void) throws {
        var piece = [UInt8](repeating: 0, count: 1 << 18)
        for file in files {
            let stream = try ByteStream(folder.find(file))
            while true {
                let count = try piece.withUnsafeMutableBytes { try stream.readSome(into: $0) }
                piece.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
                if count < piece.count { break }
            }
        }
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
        return try CSVRecords(texts: texts, numbers: numbers, join: join).read(found)
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

    init(file: String, texts: Int, numbers: Int) {
        self.file = file
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
        var places: [String: Int] = [:]
        places.reserveCapacity(names.count)
        for (index, name) in names.enumerated() where !name.isEmpty {
            if let first = places.updateValue(index, forKey: name) {
                throw .records(file: file, line: lines[index], .repeated(name, firstLine: lines[first]))
            }
        }
        return places
    }
}

/// What can be wrong with records.
public enum RecordFault: Equatable, Sendable, CustomStringConvertible {
    /// There is no column of a name.
    case unknownColumn(String, key: String, columns: [String])
    /// Two columns have the same name.
    case repeatedColumn(String)
    /// Two records have the same name.
    case repeated(String, firstLine: Int)
    /// A text stands where a number should.
    case notANumber(column: String, value: String)
    /// A text is no option of the decision that its column is about.
    case notAnOption(column: String, value: String, options: [String])
    /// Two files that belong together row by row have other numbers of them.
    case otherCount(expected: Int, found: Int, first: String)
    /// There are no records.
    case none
    /// The text is no JSON object of records.
    case notJSON(expected: String, found: String)
    /// None of many architectures is found.
    case noneFound(asked: String, names: [String])

    /// What is wrong and how to mend it.
    public var description: String {
        func shown(_ text: String) -> String { TableFault.shown(text) }
        return switch self {
        case .unknownColumn(let name, let key, let columns):
            "there is no column '\(shown(name))', which \(key) names; there are \(TableFault.list(columns))"
                + (name.contains { "+-".contains($0) } ? "; operators + and - stand between blanks" : "")
        case .repeatedColumn(let name):
            "two columns are called '\(shown(name))'; give each a name of its own"
        case .repeated(let name, let line):
            "'\(shown(name))' stands here and in line \(line); an architecture has one entry: take one of them out"
        case .notANumber(let column, let value):
            "expected a number in column '\(shown(column))', found '\(shown(value))'; correct it, or leave it empty where "
                + "nothing was measured"
        case .notAnOption(let column, let value, let options):
            "expected one of \(options.map(shown).joined(separator: ", ")) in column '\(shown(column))', found "
                + "'\(shown(value))'; correct it, or the options in the space"
        case .otherCount(let expected, let found, let first):
            "holds \(found) rows and \(first) \(expected); name a column to join them by, or files that belong together"
        case .none: "holds no entries; name another file"
        case .notJSON(let expected, let found):
            "expected \(expected), found \(shown(found)); write an object with a member for each architecture"
        case .noneFound(let asked, let names):
            "none of many architectures is in it; the first asked for is '\(shown(asked))', and it has "
                + "\(TableFault.list(names)): correct evaluator.key.template, or the options in the space"
        }
    }
}
