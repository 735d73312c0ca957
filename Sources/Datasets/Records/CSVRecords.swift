/// Reads records from CSV files.
struct CSVRecords {
    let texts: [RecordSource.Column]
    let numbers: [RecordSource.Column]
    let join: RecordSource.Join?
    let missing: [String]

    /// What is wanted of one file: where in the result it goes, and where in a row it stands.
    private struct Wanted {
        var texts: [(place: Int, field: Int)] = []
        var numbers: [(place: Int, field: Int)] = []
        var join: Int?
    }

    /// How many columns are wanted of each file, with those that rows are joined by.
    func wanted(of files: [DataFile]) throws -> [(texts: Int, numbers: Int)] {
        try plan(files.map(Self.header), files).map { plan in
            (plan.texts.count + (plan.join == nil ? 0 : 1), plan.numbers.count)
        }
    }

    func read(_ files: [DataFile]) throws -> RecordTable {
        let headers = try files.map(Self.header)
        let plans = try plan(headers, files)
        guard let file = files.first, let plan = plans.first else {
            throw DatasetError.invalidSetting(name: "evaluator.file", value: "none", allowed: "at least one file")
        }
        var table = try rows(of: file, plan)
        for (file, plan) in zip(files, plans).dropFirst() {
            try add(try rows(of: file, plan), of: plan, to: &table.records, of: table.joined)
        }
        return table.records
    }

    /// The names in the first row.
    static func header(_ file: DataFile) throws -> [String] {
        let reader = try CSVReader(file, delimiter: .comma)
        guard try reader.next() else { throw DatasetError.records(file: file.path, line: nil, .none) }
        let names = try reader.texts()
        var known: Set<String> = []
        for name in names where !known.insert(name).inserted {
            throw DatasetError.records(file: file.path, line: 1, .repeatedColumn(name))
        }
        return names
    }

    /// Which columns come from which file: the first that has them.
    private func plan(_ headers: [[String]], _ files: [DataFile]) throws -> [Wanted] {
        var plans = Array(repeating: Wanted(), count: headers.count)
        func find(_ column: RecordSource.Column) throws -> (file: Int, field: Int) {
            for (file, header) in headers.enumerated() {
                if let field = header.firstIndex(of: column.name) { return (file, field) }
            }
            throw DatasetError.records(
                file: files.map(\.path).joined(separator: ", "), line: nil,
                .unknownColumn(column.name, key: column.key, columns: headers.flatMap { $0 }))
        }
        for (place, column) in texts.enumerated() {
            let found = try find(column)
            plans[found.file].texts.append((place, found.field))
        }
        for (place, column) in numbers.enumerated() {
            let found = try find(column)
            plans[found.file].numbers.append((place, found.field))
        }
        if case .column(let column) = join {
            for (file, header) in headers.enumerated() {
                guard let field = header.firstIndex(of: column.name) else {
                    throw DatasetError.records(
                        file: files[file].path, line: 1,
                        .unknownColumn(column.name, key: column.key, columns: header))
                }
                plans[file].join = field
            }
        }
        return plans
    }

    /// The rows of a file, with what they are joined by.
    private func rows(of file: DataFile, _ plan: Wanted) throws -> (records: RecordTable, joined: [String]) {
        let missing = MissingTexts(missing)
        var table = RecordTable(file: file.path, texts: texts.count, numbers: numbers.count), joined: [String] = []
        let reader = try CSVReader(file, delimiter: .comma)
        _ = try reader.next()
        let width = reader.fields.count
        while try reader.next() {
            guard reader.fields.count == width else {
                throw reader.fault(.raggedRow(expected: width, found: reader.fields.count))
            }
            table.lines.append(reader.line)
            for (place, field) in plan.texts { table.texts[place].append(try reader.text(reader.fields[field])) }
            for (place, field) in plan.numbers {
                let found = reader.fields[field]
                if missing.contains(found.bytes) {
                    table.numbers[place].append(.nan)
                } else if let value = DecimalNumber.parse(found.bytes), value.isFinite {
                    table.numbers[place].append(value)
                } else {
                    throw DatasetError.records(
                        file: file.path, line: reader.line,
                        .notANumber(column: numbers[place].name, value: try reader.text(found)))
                }
            }
            if let field = plan.join { joined.append(try reader.text(reader.fields[field])) }
        }
        guard table.count > 0 else { throw DatasetError.records(file: file.path, line: nil, .none) }
        return (table, joined)
    }

    /// Adds the columns of a further file to the records of the first.
    private func add(
        _ other: (records: RecordTable, joined: [String]), of plan: Wanted, to table: inout RecordTable,
        of names: [String]
    ) throws {
        let rows: [Int?]
        if plan.join != nil, case .column(let column) = join {
            let places = try RecordTable.places(
                of: other.joined, lines: other.records.lines, file: other.records.file)
            _ = try RecordTable.places(of: names, lines: table.lines, file: table.file)
            rows = names.map { places[$0] }
            let isWanted = !plan.texts.isEmpty || !plan.numbers.isEmpty
            if isWanted, rows.allSatisfy({ $0 == nil }) {
                throw DatasetError.records(
                    file: other.records.file, line: nil,
                    .noneJoined(
                        key: column.key, first: table.file, expected: Array(names.prefix(3)),
                        found: Array(other.joined.prefix(3))))
            }
        } else {
            guard other.records.count == table.count else {
                throw DatasetError.records(
                    file: other.records.file, line: nil,
                    .otherCount(expected: table.count, found: other.records.count, first: table.file))
            }
            rows = table.lines.indices.map { $0 }
        }
        for (place, _) in plan.texts {
            table.texts[place] = rows.map { $0.map { other.records.texts[place][$0] } ?? "" }
        }
        for (place, _) in plan.numbers {
            table.numbers[place] = rows.map { $0.map { other.records.numbers[place][$0] } ?? .nan }
            table.numberFiles[place] = other.records.file
        }
    }
}
