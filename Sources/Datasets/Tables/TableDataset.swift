internal import Tensors

/// A data set of rows with inputs and targets, each a number or a text.
public struct TableDataset: Dataset {
    /// How rows become inputs and targets, measured on `split.train` alone.
    public let encoding: TableEncoding
    /// The rows that train and validate.
    public let trainingExamples: any Examples
    /// The rows that are touched once, at the end.
    public let testExamples: any Examples
    /// Which training rows train, validate or teach the samplers.
    public let split: Split
    /// The mean and the deviation of each input.
    public let normalization: Normalization
    /// Bytes of memory that it takes at most.
    public let memoryBytes: Int

    let encoded: EncodedTable
    let parts: TestPart.Rows
    private let constant: [String]

    /// Reads a table, divides it and encodes it by its training part.
    ///
    /// Most numbers lose nothing that matters when they are rounded to 32 bits. Where some of a column do, in whichever row and
    /// against the deviation of the training part, all is read once more, and the column is kept as it is.
    ///
    /// - Parameters:
    ///   - file: What an error about all rows is to name.
    ///   - keepsDoubles: Whether numbers that 32 bits do not tell apart are kept with 64, as earlier versions did not.
    ///   - parts: Divides the rows of a table.
    ///   - read: Reads all rows, of which some numbers are kept with 64 bits, by their place in `Table.doubles`.
    init(
        holdOut: HoldOut, seed: UInt64, file: String, keepsDoubles: Bool = true,
        parts divide: (Table) throws -> TestPart.Rows, read: (_ doubles: Set<Int>) throws -> Table
    ) throws {
        var table = try read([])
        let parts = try divide(table), count = table.count
        split = try Split(
            count: parts.training.count, validation: holdOut.validation, sampler: holdOut.sampler, seed: seed,
            strata: holdOut.isStratified ? table.strata(of: parts.training) : nil)
        let rows = split.train.map { parts.training[Int($0)] }
        var moments = TableMoments(table, rows: rows)
        let blurred = keepsDoubles ? table.blurred(by: moments) : []
        if !blurred.isEmpty {
            // Not both at a time.
            table = Table(columns: [], targetNames: [], kind: table.kind)
            table = try read(blurred)
            guard table.count == count else {
                throw DatasetError.unreadable(file: file, reason: "it changed while it was read")
            }
            table.dropConstant(rows)
            moments = TableMoments(table, rows: rows)
        }
        var constant: [String] = []
        encoding = try TableEncoding(measuring: table, rows: rows, moments, file: file, constant: &constant)
        self.constant = constant
        self.parts = parts
        encoded = EncodedTable(table, encoding)
        if let unknown = encoded.unknownClass {
            throw DatasetError.table(
                file: unknown.file, line: unknown.line,
                .unknownClass(unknown.text, column: table.targetNames.first ?? ""))
        }
        normalization = encoding.normalization
        trainingExamples = TableExamples(encoded, rows: parts.training)
        testExamples = TableExamples(encoded, rows: parts.test)
        memoryBytes = TableLayout.memoryBytes(
            rows: table.count, columns: table.columns.count, targets: table.targetNames.count, kept: table.keptCount)
    }

    /// The classes, or the means and deviations of targets.
    public var goal: DataGoal { encoding.goal }

    /// Hands names, values and targets of all rows to `body`.
    public func withDigestBytes(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        try encoded.table.withDigestBytes(body)
    }

    /// How many inputs each column becomes, and the categories and missing values that the training part has not.
    public var inputNote: String? {
        [absentNote, "column by column: \(encoding.inputText)"].compactMap(\.self).joined(separator: "; ")
    }

    private var absentNote: String? {
        let table = encoded.table, width = table.columns.count
        let absent = table.columns.indices.compactMap { column -> String? in
            let texts = table.columns[column].texts.indices.filter { !encoded.isKnown(Float($0), column: column) }
                .map { table.columns[column].texts[$0] }
            let isMissing =
                !encoding.columns[column].hasMissing
                && stride(from: column, to: table.values.count, by: width).contains { table.values[$0].isNaN }
            let found = [texts.isEmpty ? nil : TableFault.list(texts), isMissing ? "missing values" : nil]
            guard !texts.isEmpty || isMissing else { return nil }
            let all = found.compactMap(\.self).joined(separator: " and ")
            return "\(all) in column '\(TableFault.shown(table.columns[column].name))'"
        }
        guard !absent.isEmpty else { return nil }
        return
            "inputs are those of the training part, which has none of \(absent.prefix(5).joined(separator: ", nor of "))"
            + (absent.count > 5 ? " and \(absent.count - 5) columns more" : "")
            + ": add rows with it, hold out fewer, choose another seed, or set input.features"
    }

    // MARK: Review

    /// What is probably not meant, from counts of labels and one pass over all texts.
    public func review() -> [DataWarning] {
        let rest: [(DataWarning.Part, [Int32])] = [
            (.validation, split.validation.map { parts.training[Int($0)] }),
            (.sampler, split.sampler.map { parts.training[Int($0)] }), (.test, parts.test),
        ]
        return (constant.isEmpty ? [] : [.constantColumns(constant)]) + reviewSizes()
            + rest.flatMap { reviewClasses($0, $1) } + rest.dropLast().flatMap { encoded.reviewTexts($0, $1) }
            + reviewTest()
    }

    /// What about the test rows is probably not meant, the classes aside that these have not.
    public func reviewTest() -> [DataWarning] { encoded.reviewTexts(.test, parts.test) + reviewShared() }

    /// Test rows that are training rows in every value.
    private func reviewShared() -> [DataWarning] {
        let known = Set(parts.training.map { encoded.hash(Int($0)) })
        let shared = parts.test.count { known.contains(encoded.hash(Int($0))) }
        return DataWarning.isTold(shared: shared, of: parts.test.count)
            ? [.sharedRows(rows: shared, count: parts.test.count)] : []
    }

    private func reviewSizes() -> [DataWarning] {
        let left = split.train.count, count = parts.training.count, classes = encoding.classes?.count ?? 1
        return left * 5 < count || (left < 2 * classes && left < count)
            ? [.littleLeft(training: left, count: count, classes: classes)] : []
    }

    private func reviewClasses(_ part: DataWarning.Part, _ rows: [Int32]) -> [DataWarning] {
        guard let classes = encoding.classes, !rows.isEmpty else { return [] }
        var isPresent = [Bool](repeating: false, count: classes.count)
        for row in rows { isPresent[Int(encoded.label(Int(row)))] = true }
        let missing = classes.indices.filter { !isPresent[$0] }.map { classes[$0] }
        return missing.isEmpty
            ? [] : [.missingClasses(part, missing: missing, classes: classes.count, count: rows.count)]
    }
}

/// The test rows of a table, encoded as a network file says: nothing is measured on them.
public struct TestTable: Sendable {
    /// The rows.
    public let examples: any Examples
    /// What about them is probably not meant.
    public let warnings: [DataWarning]

    /// Takes rows whose columns are those of the encoding.
    ///
    /// - Throws: `DatasetError.table` for a class that the network does not know.
    init(_ table: Table, _ encoding: TableEncoding) throws(DatasetError) {
        let encoded = EncodedTable(table, encoding)
        if let unknown = encoded.unknownClass {
            throw .table(
                file: unknown.file, line: unknown.line,
                .foreignClass(
                    unknown.text, column: table.targetNames.first ?? "", known: encoding.classes ?? []))
        }
        let rows = (0..<table.count).map(Int32.init)
        examples = TableExamples(encoded, rows: rows)
        warnings = encoded.reviewTexts(.test, rows)
    }
}

extension HoldOut {
    /// Checks that there are classes where each is to give its share.
    func checkStrata(of kind: TargetKind) throws(DatasetError) {
        guard isStratified, kind != .classes else { return }
        throw .invalidSetting(
            name: "data.holdOut.stratified", value: "true", allowed: "false, where numbers are told and no classes")
    }
}

/// Where the test rows of a table come from.
public enum TestPart: Sendable, Hashable {
    /// Files of their own.
    case files([String])
    /// The last so many rows of the training files.
    case last(Int)
    /// So great a share of the rows of the training files, drawn by the seed.
    case share(Double)

    /// The rows of both parts, ascending.
    struct Rows: Sendable {
        let training: [Int32]
        let test: [Int32]
    }

    /// Divides rows.
    ///
    /// - Parameters:
    ///   - training: Rows of the training files.
    ///   - count: Rows of all files, the test files behind.
    ///   - strata: Rows of the training files by their classes, to draw a share of each; nil draws them all alike.
    /// - Throws: `DatasetError.table` where one of both would be empty.
    func rows(
        training: Int, of count: Int, seed: UInt64, file: String, strata: Strata? = nil
    ) throws(DatasetError) -> Rows {
        let test = try testCount(training: training, file: file) ?? count - training
        switch self {
        case .files: return Rows(training: Self.list(0..<training), test: Self.list(training..<count))
        case .last: return Rows(training: Self.list(0..<training - test), test: Self.list(training - test..<training))
        case .share:
            if let strata {
                let order = strata.spread(seed: seed, isTest: true)
                return Rows(training: order[test...].sorted(), test: order[..<test].sorted())
            }
            var order = Self.list(0..<training)
            // Step 0 of the stream draws the hold-out.
            var random = CounterGenerator(seed: seed, stream: .split, step: 1)
            Shuffle.shuffle(&order, &random)
            return Rows(training: order[test...].sorted(), test: order[..<test].sorted())
        }
    }

    /// How many of the rows of the training files are test rows; nil where these have files of their own.
    func testCount(training: Int, file: String) throws(DatasetError) -> Int? {
        let (count, asked): (Int, String)
        switch self {
        case .files: return nil
        case .last(let last): (count, asked) = (last, "the last \(last)")
        case .share(let share):
            guard share > 0, share < 1 else {
                throw .invalidSetting(name: "data.test.share", value: "\(share)", allowed: "more than 0, less than 1")
            }
            (count, asked) = (Int((share * Double(training)).rounded()), "a share of \(share)")
        }
        guard count > 0, count < training else {
            throw .table(file: file, line: nil, .noTestRows(asked: asked, rows: training))
        }
        return count
    }

    private static func list(_ range: Range<Int>) -> [Int32] { range.map(Int32.init) }
}
