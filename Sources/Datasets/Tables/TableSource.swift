/// What a table holds by its first row and by its line breaks, known before anything else is read.
public struct TableLayout: Sendable, Equatable {
    /// The names of all columns, the target too.
    public let columns: [String]
    /// What stands between fields.
    public let delimiter: TableDelimiter
    /// Rows of the training files, at most: blank lines, and line breaks within quotes, count too.
    public let rows: Int
    /// Rows of the test files, at most.
    public let testRows: Int
    /// Bytes of memory that the data take at most, while they are read too; which columns take 64 bits a number is known only
    /// then.
    public private(set) var memoryBytes: Int
    /// Whether files exceed the budget of their folder, and rows and bytes are estimates by the files' beginnings.
    let isEstimate: Bool

    /// What labels, orders, splits and the check of the data take for each row, at most.
    private static let sideBytes = 64

    /// - Parameter kept: Columns of numbers, targets too, that are kept with 64 bits.
    static func memoryBytes(rows: Int, columns: Int, targets: Int, kept: Int = 0) -> Int {
        let (sides, over) = rows.multipliedReportingOverflow(by: sideBytes)
        let (bytes, isMore) = sides.addingReportingOverflow(
            Table.bytes(rows: rows, columns: columns, targets: targets, kept: kept))
        return over || isMore ? .max : bytes
    }

    /// The layout where so many columns are kept with 64 bits.
    func keeping(_ kept: Int) -> TableLayout {
        var layout = self
        let (bytes, over) = memoryBytes.addingReportingOverflow(
            Table.bytes(rows: rows + testRows, columns: 0, targets: 0, kept: kept))
        layout.memoryBytes = over ? .max : bytes
        return layout
    }
}

/// What stands between the fields of a row: its byte.
public enum TableDelimiter: UInt8, Sendable, Hashable, CaseIterable {
    case comma = 0x2C
    case semicolon = 0x3B
    case tab = 0x09
    case bar = 0x7C

    /// As a person writes it.
    public var text: String { self == .tab ? "tab" : String(UnicodeScalar(rawValue)) }
}

/// A table in CSV files.
///
/// Rows of all files of a part follow one another. Every file has the same columns, in a header of its own where there is
/// one; otherwise these are c1, c2 and so on.
public struct TableSource: Sendable, Equatable {
    /// How files are to be understood.
    public struct Columns: Sendable, Hashable {
        /// Whether the first row names the columns.
        public var hasHeader: Bool
        /// What stands between fields; nil takes what the first row has one kind of.
        public var delimiter: TableDelimiter?
        /// The column that networks are to tell.
        public var target: String
        /// Columns of texts.
        public var categorical: [String]
        /// Texts that stand for what is missing.
        public var missing: [String]
        /// Texts that do so in columns of numbers alone.
        public var missingNumbers: [String]
        /// What the target is.
        public var kind: TargetKind

        /// Takes what a run file says.
        public init(
            target: String, kind: TargetKind = .classes, hasHeader: Bool = true, delimiter: TableDelimiter? = nil,
            categorical: [String] = [], missing: [String], missingNumbers: [String] = []
        ) {
            self.hasHeader = hasHeader
            self.delimiter = delimiter
            self.target = target
            self.categorical = categorical
            self.missing = missing
            self.missingNumbers = missingNumbers
            self.kind = kind
        }
    }

    /// Names of the training files, at least one.
    public let train: [String]
    /// Where the test rows come from.
    public let test: TestPart
    /// How files are to be understood.
    public let columns: Columns

    /// Takes what a run file says.
    public init(train: [String], test: TestPart, columns: Columns) {
        self.train = train
        self.test = test
        self.columns = columns
    }

    /// What errors about all of the training rows name.
    private var name: String { train.first ?? "table" }

    private var testFiles: [String] { if case .files(let files) = test { files } else { [] } }

    // MARK: Before reading

    /// What the first rows and the line breaks say; values are not looked at. Of estimates nothing is checked.
    ///
    /// - Throws: `DatasetError` for what reading would refuse by these.
    public func layout(in folder: DataFolder, holdOut: HoldOut) throws -> TableLayout {
        try holdOut.checkStrata(of: columns.kind)
        let files = try train.map(folder.find), testFiles = try testFiles.map(folder.find)
        guard let first = files.first else {
            throw DatasetError.invalidSetting(name: "data.train.files", value: "none", allowed: "at least one file")
        }
        let delimiter = try columns.delimiter ?? Self.explaining(first) { try Self.delimiter(of: first) }
        let names = try Self.explaining(first) { try self.names(of: first, delimiter) }
        try check(names, file: first.path)
        for file in files.dropFirst() + testFiles {
            try Self.explaining(file) { try checkHeader(of: file, delimiter, first: (first.path, names)) }
        }
        let sizes = try files.map(size), testSizes = try testFiles.map(size)
        let rows = sizes.reduce(0) { $0 + $1.lines }, testRows = testSizes.reduce(0) { $0 + $1.lines }
        let isEstimate = (sizes + testSizes).contains(where: \.isEstimate)
        if !isEstimate { try check(rows: rows, testRows: testRows, holdOut, file: first.path) }
        let categories =
            columns.categorical.count * min(rows + testRows, Table.mostCategories)
            + (columns.kind == .classes ? min(rows + testRows, Table.mostClasses) : 0)
        // Each takes this much with all that leads to it, and its bytes, of which there are no more than in the files.
        let texts =
            categories * 128
            + min((sizes + testSizes).reduce(0) { $0 + $1.bytes }, categories * Table.mostTextBytes)
        let bytes = TableLayout.memoryBytes(rows: rows + testRows, columns: names.count - 1, targets: 1)
        return TableLayout(
            columns: names, delimiter: delimiter, rows: rows, testRows: testRows,
            memoryBytes: bytes.addingReportingOverflow(texts).overflow ? .max : bytes + texts, isEstimate: isEstimate)
    }

    private func check(rows: Int, testRows: Int, _ holdOut: HoldOut, file: String) throws {
        guard rows + testRows <= Split.mostExamples else {
            throw DatasetError.table(
                file: file, line: nil, .tooMany(what: "rows", found: rows + testRows, most: Split.mostExamples))
        }
        let held = try test.testCount(training: rows, file: name) ?? 0
        try Split.check(count: rows - held, validation: holdOut.validation, sampler: holdOut.sampler)
    }

    /// The delimiter that the first row has one kind of.
    static func delimiter(of file: DataFile) throws -> TableDelimiter {
        let found = try TableDelimiter.allCases.filter { delimiter in
            let reader = try CSVReader(file, delimiter: delimiter)
            do {
                return try reader.next() && reader.fields.count > 1
            } catch DatasetError.table(_, _, .textAfterQuote) {
                // Quoted fields with another delimiter between.
                return false
            }
        }
        guard found.count == 1 else {
            throw DatasetError.table(
                file: file.path, line: 1, .unknownDelimiter(candidates: found.map { "'\($0.text)'" }))
        }
        return found[0]
    }

    /// The names in the first row, or c1, c2 and so on.
    private func names(of file: DataFile, _ delimiter: TableDelimiter) throws -> [String] {
        let reader = try CSVReader(file, delimiter: delimiter)
        guard try reader.next() else { throw DatasetError.empty(file: file.path) }
        guard reader.fields.count <= CSVReader.mostFields else {
            throw reader.fault(.tooMany(what: "columns", found: reader.fields.count, most: CSVReader.mostFields))
        }
        if let long = reader.fields.first(where: { $0.bytes.count > Table.mostTextBytes }), columns.hasHeader {
            throw reader.fault(
                .tooMany(what: "bytes in the name of a column", found: long.bytes.count, most: Table.mostTextBytes))
        }
        guard columns.hasHeader else { return reader.fields.indices.map { "c\($0 + 1)" } }
        return try reader.texts().enumerated().map { $1.isEmpty ? "c\($0 + 1)" : $1 }
    }

    private func check(_ names: [String], file: String) throws(DatasetError) {
        var seen: Set<String> = []
        if let twice = names.first(where: { !seen.insert($0).inserted }) {
            throw .table(file: file, line: 1, .duplicateColumn(twice))
        }
        for (key, name) in [("target", columns.target)] + columns.categorical.map({ ("categorical", $0) })
        where !seen.contains(name) {
            throw .table(file: file, line: 1, .noColumn(name, key: key, columns: names))
        }
        guard names.count > 1 else { throw .table(file: file, line: 1, .noInputs) }
        if columns.kind == .numbers, columns.categorical.contains(columns.target) {
            throw .table(file: file, line: nil, .categoricalTarget(columns.target))
        }
    }

    private func checkHeader(of file: DataFile, _ delimiter: TableDelimiter, first: (path: String, names: [String]))
        throws
    {
        let names = try names(of: file, delimiter)
        guard names != first.names else { return }
        let place = names.indices.first { first.names.indices.contains($0) && names[$0] != first.names[$0] }
        throw DatasetError.table(
            file: file.path, line: 1,
            .otherHeader(
                first: first.path,
                expected: place.map { "'\(TableFault.shown(first.names[$0]))' as column \($0 + 1)" }
                    ?? "\(first.names.count) columns",
                found: place.map { "'\(TableFault.shown(names[$0]))'" } ?? "\(names.count)"))
    }

    /// Line breaks of a file without that of a header, which are no fewer than its rows, and its bytes.
    private func size(of file: DataFile) throws -> (lines: Int, bytes: Int, isEstimate: Bool) {
        let size = try file.textLines(), rows = size.lines - (columns.hasHeader ? 1 : 0)
        guard rows > 0 || size.isEstimate else {
            throw DatasetError.table(file: file.path, line: nil, .headerOnly)
        }
        return (rows, size.bytes, size.isEstimate)
    }

    /// Tells a file of another format from a table with a fault.
    private static func explaining<Result>(_ file: DataFile, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as DatasetError {
            guard case .table(_, _, let fault) = error else { throw error }
            switch fault {
            case .notText, .unknownDelimiter, .raggedRow, .unterminatedQuote, .textAfterQuote, .longRecord, .noColumn,
                .noInputs, .returnsAlone:
                guard let kind = ContentKind.of(file), !kind.isText else { throw error }
                throw DatasetError.otherFormat(
                    file: file.path, expected: "a table (CSV)", found: kind.name, remedy: kind.remedy)
            default: throw error
            }
        }
    }

    // MARK: Reading

    /// Reads the table.
    ///
    /// - Parameters:
    ///   - layout: What `layout` said.
    ///   - seed: The seed of the splits.
    ///   - keepsDoubles: Whether numbers that 32 bits do not tell apart are kept with 64, as earlier versions did not.
    /// - Throws: `DatasetError`.
    public func load(
        in folder: DataFolder, layout: TableLayout, holdOut: HoldOut, seed: UInt64, keepsDoubles: Bool = true
    ) throws -> TableDataset {
        let files = try train.map(folder.find), testFiles = try testFiles.map(folder.find)
        var training = 0
        return try TableDataset(holdOut: holdOut, seed: seed, file: name, keepsDoubles: keepsDoubles) {
            try test.rows(
                training: training, of: $0.count, seed: seed, file: name,
                strata: holdOut.isStratified ? $0.strata(of: (0..<training).map(Int32.init)) : nil)
        } read: { doubles in
            var reading = TableReading(columns, layout.columns, doubles: doubles)
            try reading.reserve(rows: layout.rows + layout.testRows, file: name)
            for file in files { try Self.explaining(file) { try reading.read(file, layout.delimiter) } }
            training = reading.table.count
            for file in testFiles { try Self.explaining(file) { try reading.read(file, layout.delimiter) } }
            return reading.table
        }
    }

    // MARK: By a network file

    /// What the first rows and the line breaks of the test files say, which are encoded as a network file says.
    ///
    /// - Returns: nil where the test rows are some of the training files', which are needed then.
    /// - Throws: `DatasetError` for what reading would refuse by these, and for columns that are not the encoding's.
    public func testLayout(in folder: DataFolder, by encoding: TableEncoding) throws -> TableLayout? {
        guard !testFiles.isEmpty else { return nil }
        let layout = try alone.layout(in: folder, holdOut: HoldOut(validation: 0))
        let expected = encoding.columns.map(\.name) + [columns.target]
        let isThere = Set(layout.columns), isExpected = Set(expected)
        let absent = expected.filter { !isThere.contains($0) }
        let others = layout.columns.filter { !isExpected.contains($0) }
        guard absent.isEmpty, others.isEmpty else {
            throw DatasetError.table(
                file: try folder.find(alone.name).path, line: 1, .foreignColumns(absent: absent, others: others))
        }
        let texts = encoding.columns.filter { $0.categories != nil }.map(\.name)
        guard Set(texts) == Set(columns.categorical).subtracting([columns.target]),
            encoding.targetNames == [columns.target],
            (encoding.classes != nil) == (columns.kind == .classes)
        else {
            throw TableEncoding.contradiction(allowed: "the columns of its data")
        }
        return layout.keeping(encoding.doubles.count)
    }

    /// Reads the rows of the test files, encoded as a network file says.
    ///
    /// - Parameter layout: What `testLayout` said.
    /// - Throws: `DatasetError`, among others for a class that the network does not know.
    public func loadTest(in folder: DataFolder, layout: TableLayout, by encoding: TableEncoding) throws -> TestTable {
        var reading = TableReading(
            columns, layout.columns, order: encoding.columns.map(\.name), doubles: encoding.doubles)
        try reading.reserve(rows: layout.rows, file: alone.name)
        for file in try testFiles.map(folder.find) {
            try Self.explaining(file) { try reading.read(file, layout.delimiter) }
        }
        return try TestTable(reading.table, encoding)
    }

    /// The test files as a table of their own.
    private var alone: TableSource { TableSource(train: testFiles, test: .files([]), columns: columns) }
}
