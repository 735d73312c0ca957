internal import Foundation

extension DataLook {
    /// A table, or one for each part.
    static func table(_ place: LookedFolder, _ seed: UInt64, _ rules: TableRules) throws -> DataLook? {
        let files = place.files(ending: [".csv", ".tsv", ".data"])
        let test = files.count > 1 ? files.filter(LookedFolder.isTest) : []
        let train = files.filter { !test.contains($0) }
        guard !train.isEmpty else { return nil }
        let survey = try TableSurvey(train.map { file($0, place) }, rules)
        let columns = TableSource.Columns(
            target: survey.target, kind: survey.isClass ? .classes : .numbers, hasHeader: survey.hasHeader,
            delimiter: survey.delimiter, categorical: survey.categorical, missing: rules.missing,
            missingNumbers: rules.missingNumbers)
        let source = TableSource(train: train, test: test.isEmpty ? .share(0.2) : .files(test), columns: columns)
        let rows = test.isEmpty ? survey.rows - Int((Double(survey.rows) * 0.2).rounded()) : survey.rows
        // As the run file is to say it: inputs are those of the rows that are left.
        let holdOut = HoldOut(validation: validation(of: rows), isStratified: survey.isClass)
        let layout = try source.layout(in: place.data, holdOut: holdOut)
        let data = try source.load(in: place.data, layout: layout, holdOut: holdOut, seed: seed)
        var keys = [
            Key("train", .section([Key("files", .list(train))])),
            test.isEmpty
                ? Key(
                    "test", .section([Key("share", .plain("0.2"))]),
                    "there is no file for the test: a fifth of the rows, drawn by the seed")
                : Key("test", .section([Key("files", .list(test))]), "measured once, at the end"),
            Key(
                "header", .plain("\(survey.hasHeader)"),
                survey.hasHeader ? "the first row names the columns" : "columns are c1, c2, …"),
            Key("delimiter", .text(survey.delimiter.text)),
            Key(
                "target", .text(survey.target),
                "the column to tell, \(rules.target == nil ? survey.why : "as asked"); --target names another"),
        ]
        if !survey.categorical.isEmpty {
            keys.append(Key("categorical", .list(survey.categorical), "columns of texts"))
        }
        return DataLook(
            format: "csv", directory: place.path, keys: keys, input: .numbers(data.shape.inputs),
            classes: survey.isClass ? data.classes : nil, count: data.trainingExamples.count,
            testCount: data.testCount,
            remarks: [
                "\(data.trainingExamples.count + data.testCount) rows of \(layout.columns.count) columns, \(survey.categorical.count) of them texts: "
                    + "\(data.shape.inputs) inputs",
                "the column '\(TableFault.shown(survey.target))' is told: \(data.goal)",
            ])
    }
}

/// What a table is, by all its rows.
private struct TableSurvey {
    let delimiter: TableDelimiter
    let hasHeader: Bool
    let target: String
    /// Why that column.
    let why: String
    /// Whether the target is a class and not a number.
    let isClass: Bool
    let categorical: [String]
    let rows: Int

    /// Names that people give to what is told.
    private static let usualTargets = ["target", "label", "class", "y", "species", "quality", "outcome", "output"]
    /// Whole numbers of so few values, each of so many rows, are classes.
    private static let mostNumberedClasses = 50, leastRowsOfClass = 10

    init(_ files: [DataFile], _ rules: DataLook.TableRules) throws {
        delimiter = try TableSource.delimiter(of: files[0])
        var first: [String] = [], columns: [Column] = [], rows = 0
        let missing = Set(rules.missing), missingNumbers = missing.union(rules.missingNumbers)
        var hasHeader = true
        for (index, file) in files.enumerated() {
            let reader = try CSVReader(file, delimiter: delimiter)
            guard try reader.next() else { throw DatasetError.empty(file: file.path) }
            let names = try reader.texts()
            if index == 0 {
                first = names
                hasHeader = Self.isHeader(names) && !names.contains(where: missing.contains)
                columns = names.map { _ in Column() }
                if !hasHeader { Self.add(names, to: &columns, missing, missingNumbers) }
            } else if !hasHeader {
                Self.add(names, to: &columns, missing, missingNumbers)
            }
            rows += hasHeader ? 0 : 1
            while try reader.next() {
                Self.add(try reader.texts(), to: &columns, missing, missingNumbers)
                rows += 1
            }
        }
        self.hasHeader = hasHeader
        self.rows = rows
        let names = hasHeader ? first : first.indices.map { "c\($0 + 1)" }
        let place: Int
        if let asked = rules.target {
            guard let found = names.firstIndex(of: asked) else {
                throw DatasetError.unsupported(
                    file: files[0].path, expected: "a column called '\(TableFault.shown(asked))'",
                    found: TableFault.list(names))
            }
            (place, why) = (found, "as asked")
        } else if let found = Self.usualTargets.compactMap({ name in names.firstIndex { $0.lowercased() == name } })
            .first
        {
            (place, why) = (found, "by its name")
        } else {
            // A single text among numbers is what they tell of.
            let texts = columns.indices.filter { !columns[$0].isNumber }
            let only = texts.count == 1 ? texts.first : nil
            (place, why) = (only ?? names.count - 1, only == nil ? "the last" : "the only one of texts")
        }
        target = names[place]
        let told = columns[place]
        isClass =
            !told.isNumber
            || told.isWhole && told.values.count <= Self.mostNumberedClasses
                && told.values.values.allSatisfy { $0 >= Self.leastRowsOfClass }
        categorical = names.indices.filter { $0 != place && !columns[$0].isNumber }.map { names[$0] }
    }

    private static let leastCounted = 4

    /// Whether a row names columns: by no number, or by numbers that count those without another name from 0 or 1.
    private static func isHeader(_ names: [String]) -> Bool {
        let numbers = names.compactMap(Double.init)
        guard let first = numbers.first else { return true }
        return numbers.count >= leastCounted && [0, 1].contains(first)
            && zip(numbers, numbers.dropFirst()).allSatisfy { $1 == $0 + 1 }
    }

    /// What a column has.
    private struct Column {
        var isNumber = true
        var isWhole = true
        /// How often each of the first values that differ occurs.
        var values: [String: Int] = [:]
    }

    private static func add(
        _ fields: [String], to columns: inout [Column], _ missing: Set<String>, _ missingNumbers: Set<String>
    ) {
        // Rows of another length are told of when the table is read.
        for (place, text) in fields.enumerated() where place < columns.count {
            if missing.contains(text) { continue }
            if columns[place].isNumber, !missingNumbers.contains(text) {
                if let value = Double(text), value.isFinite {
                    if value != value.rounded() { columns[place].isWhole = false }
                } else {
                    columns[place].isNumber = false
                }
            }
            if columns[place].values[text] != nil || columns[place].values.count <= mostNumberedClasses {
                columns[place].values[text, default: 0] += 1
            }
        }
    }
}
