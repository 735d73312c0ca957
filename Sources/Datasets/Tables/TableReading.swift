/// Reads rows into a table.
struct TableReading {
    private(set) var table: Table

    /// What becomes of a field.
    private enum Use {
        case number(Int)
        case text(Int)
        case target
    }

    private let hasHeader: Bool
    private let uses: [Use]
    private let names: [String]
    private let missing: MissingTexts
    private let missingNumbers: MissingTexts
    private var codes: [[String: Int32]]
    private var classCodes: [String: Int32] = [:]

    /// Begins with a table without rows.
    ///
    /// - Parameters:
    ///   - names: The names of all columns, among which the target is.
    ///   - order: The names of the columns of inputs in the order of the table; nil for that of the file.
    ///   - doubles: Which numbers are kept with 64 bits, by their place in `Table.doubles`.
    init(_ columns: TableSource.Columns, _ names: [String], order: [String]? = nil, doubles: Set<Int> = []) {
        let categorical = Set(columns.categorical)
        let order = order ?? names.filter { $0 != columns.target }
        let places = Dictionary(order.enumerated().map { ($1, $0) }) { first, _ in first }
        uses = names.map { name in
            guard name != columns.target, let place = places[name] else { return .target }
            return categorical.contains(name) ? .text(place) : .number(place)
        }
        self.names = names
        hasHeader = columns.hasHeader
        missing = MissingTexts(columns.missing)
        missingNumbers = MissingTexts(columns.missing + columns.missingNumbers)
        codes = Array(repeating: [:], count: order.count)
        table = Table(
            columns: order.map { Table.Column(name: $0, isCategorical: categorical.contains($0)) },
            targetNames: [columns.target], kind: columns.kind, doubles: doubles)
    }

    /// Takes memory for so many rows at once.
    mutating func reserve(rows: Int, file: String) throws { try table.reserve(rows: rows, file: file) }

    /// Appends the rows of a file.
    mutating func read(_ file: DataFile, _ delimiter: TableDelimiter) throws {
        let reader = try CSVReader(file, delimiter: delimiter)
        if hasHeader { _ = try reader.next() }
        let before = table.count
        var row = [Float](repeating: 0, count: table.columns.count)
        while try reader.next() {
            guard reader.fields.count == uses.count else {
                throw reader.fault(.raggedRow(expected: uses.count, found: reader.fields.count))
            }
            for (index, use) in uses.enumerated() {
                switch use {
                case .number(let input):
                    row[input] = try number(reader.fields[index], input, index, reader)
                case .text(let input): row[input] = try text(reader.fields[index], input, reader)
                case .target: try target(reader.fields[index], index, reader)
                }
            }
            table.values.append(contentsOf: row)
            table.count += 1
            guard table.count <= Split.mostExamples else {
                throw reader.fault(.tooMany(what: "rows", found: table.count, most: Split.mostExamples))
            }
        }
        guard table.count > before else {
            throw DatasetError.table(file: file.path, line: nil, .headerOnly)
        }
    }

    @inline(__always)
    private mutating func number(
        _ field: CSVReader.Field, _ input: Int, _ index: Int, _ reader: CSVReader
    ) throws -> Float {
        if missingNumbers.contains(field.bytes) { return table.take(.nan, at: input) }
        guard let value = DecimalNumber.parse(field.bytes), abs(value) <= Table.mostMagnitude else {
            throw try fault(field, names[index], reader, isTarget: false)
        }
        return table.take(value, at: input)
    }

    private mutating func text(_ field: CSVReader.Field, _ input: Int, _ reader: CSVReader) throws -> Float {
        if missing.contains(field.bytes) { return .nan }
        let text = try shortText(field, reader)
        if let code = codes[input][text] { return Float(code) }
        let code = table.columns[input].texts.count
        guard code < Table.mostCategories else {
            throw reader.fault(
                .tooMany(
                    what: "categories in column '\(table.columns[input].name)'", found: code + 1,
                    most: Table.mostCategories))
        }
        codes[input][text] = Int32(code)
        table.columns[input].texts.append(text)
        return Float(code)
    }

    private mutating func target(_ field: CSVReader.Field, _ index: Int, _ reader: CSVReader) throws {
        if missing.contains(field.bytes) || field.bytes.isEmpty {
            throw reader.fault(.missingTarget(column: names[index]))
        }
        switch table.kind {
        case .numbers:
            guard let value = DecimalNumber.parse(field.bytes), abs(value) <= Table.mostMagnitude else {
                throw try fault(field, names[index], reader, isTarget: true)
            }
            table.targets.append(table.take(value, at: table.columns.count))
        case .classes:
            let text = try shortText(field, reader)
            if let code = classCodes[text] {
                table.labels.append(code)
                return
            }
            let code = Int32(table.classes.count)
            guard code < Table.mostClasses else {
                throw reader.fault(
                    .tooMany(what: "classes in column '\(names[index])'", found: Int(code) + 1, most: Table.mostClasses)
                )
            }
            classCodes[text] = code
            table.classes.append(Table.Class(text: text, file: reader.file, line: reader.line))
            table.labels.append(code)
        }
    }

    private func shortText(_ field: CSVReader.Field, _ reader: CSVReader) throws -> String {
        guard field.bytes.count <= Table.mostTextBytes else {
            throw reader.fault(
                .tooMany(what: "bytes in one text", found: field.bytes.count, most: Table.mostTextBytes))
        }
        return try reader.text(field)
    }

    /// What is wrong with a field that should be a number.
    private func fault(
        _ field: CSVReader.Field, _ column: String, _ reader: CSVReader, isTarget: Bool
    ) throws -> DatasetError {
        let value = try reader.text(field)
        let isWord = ["nan", "inf", "infinity"].contains(value.prefix(20).lowercased().drop { $0 == "-" || $0 == "+" })
        if isWord { return reader.fault(.notFinite(column: column, value: value)) }
        return reader.fault(
            DecimalNumber.parse(field.bytes) == nil
                ? .notANumber(column: column, value: value, isTarget: isTarget)
                : .tooLarge(column: column, value: value))
    }
}

/// The texts that stand for what is missing.
struct MissingTexts {
    private let texts: [[UInt8]]
    private let isEmptyMissing: Bool
    /// Whether a text begins with a byte: most fields are told by this alone.
    private let isFirst: [Bool]

    init(_ texts: [String]) {
        self.texts = texts.filter { !$0.isEmpty }.map { Array($0.utf8) }
        isEmptyMissing = texts.contains("")
        var isFirst = [Bool](repeating: false, count: 256)
        for text in self.texts { isFirst[Int(text[0])] = true }
        self.isFirst = isFirst
    }

    @inline(__always)
    func contains(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = bytes.first else { return isEmptyMissing }
        return isFirst[Int(first)] && texts.contains { $0.elementsEqual(bytes) }
    }
}
