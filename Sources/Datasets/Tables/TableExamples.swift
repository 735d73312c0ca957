/// Some rows of a table as examples.
struct TableExamples: Examples {
    let shape: ExampleShape
    private let rows: [Int32]
    private let encoded: EncodedTable

    /// Takes the rows, in the order of their places.
    init(_ encoded: EncodedTable, rows: [Int32]) {
        self.encoded = encoded
        self.rows = rows
        shape = encoded.shape
    }

    var count: Int { rows.count }

    func fill(
        _ batch: ExampleBatch, with indices: ArraySlice<Int32>, changes: ExampleChanges?
    ) throws(DatasetError) {
        try batch.begin(indices, of: self)
        for (place, index) in indices.enumerated() { encoded.write(Int(rows[Int(index)]), into: batch, at: place) }
    }
}

/// The rows of a table with what they are encoded by. Several share one.
final class EncodedTable: Sendable {
    /// What an example is.
    let shape: ExampleShape
    let table: Table
    /// How its rows become inputs and targets.
    let encoding: TableEncoding
    private let columns: [Column]
    /// The label of each class, by code.
    private let labels: [Int32]
    private let targets: [Number]

    /// How a number becomes what networks compute with.
    fileprivate struct Number {
        let mean: Float
        let scale: Float
        /// The column's numbers, where these are scaled with 64 bits.
        let doubles: [Double]?
        let scaling: TableEncoding.Scaling

        /// The largest input: a value far off must not become an infinity.
        static let most: Float = 1e15

        init(_ scaling: TableEncoding.Scaling, doubles: [Double]?) {
            self.scaling = scaling
            self.doubles = scaling.usesDoubles ? doubles : nil
            mean = Float(scaling.mean)
            scale = 1 / Float(scaling.deviation)
        }

        @inline(__always)
        func scaled(_ value: Float, row: Int) -> Float {
            guard let doubles else { return (value - mean) * scale }
            return min(Self.most, max(-Self.most, Float((doubles[row] - scaling.mean) / scaling.deviation)))
        }
    }

    /// How a column becomes inputs.
    fileprivate struct Column {
        /// Its first input.
        let input: Int
        /// How many inputs it becomes.
        let inputs: Int
        let number: Number?
        /// The input that says that the value is missing, from the first one; nil for none.
        let missing: Int?
        /// The input of each text from the first one, by code, -1 for none; nil for a column of numbers.
        let categories: [Int32]?
    }

    init(_ table: Table, _ encoding: TableEncoding) {
        self.table = table
        self.encoding = encoding
        var input = 0
        columns = zip(table.columns, encoding.columns).enumerated().map { index, pair in
            let (column, encoded) = pair
            defer { input += encoded.inputs }
            let places = encoded.categories.map { categories in
                let places = Dictionary(uniqueKeysWithValues: categories.enumerated().map { ($1, Int32($0)) })
                return column.texts.map { places[$0] ?? -1 }
            }
            return Column(
                input: input, inputs: encoded.inputs,
                number: encoded.scaling.map { Number($0, doubles: table.doubles[index]) },
                missing: encoded.hasMissing ? encoded.inputs - 1 : nil, categories: places)
        }
        labels = Self.labels(of: table.classes, encoding.classes ?? [])
        targets = encoding.targetScalings.enumerated().map {
            Number($1, doubles: table.doubles[table.columns.count + $0])
        }
        shape = ExampleShape(
            inputs: input, labels: table.kind == .classes ? 1 : 0,
            targets: table.kind == .numbers ? table.targetNames.count : 0)
    }

    /// The first class that the encoding does not know; nil where there is none.
    var unknownClass: Table.Class? { labels.firstIndex(of: -1).map { table.classes[$0] } }

    /// The label of each class by code; -1 for one that is not among the known ones.
    private static func labels(of classes: [Table.Class], _ known: [String]) -> [Int32] {
        let places = Dictionary(uniqueKeysWithValues: known.enumerated().map { ($1, Int32($0)) })
        // Numbers are the same class however they are written, as long as all classes are numbers.
        let numbers = known.compactMap(TextOrder.number)
        let byNumber =
            numbers.count == known.count
            ? Dictionary(numbers.enumerated().map { ($1, Int32($0)) }) { first, _ in first } : [:]
        return classes.map { places[$0.text] ?? TextOrder.number($0.text).flatMap { byNumber[$0] } ?? -1 }
    }

    /// The label of a row.
    func label(_ row: Int) -> Int32 { labels[Int(table.labels[row])] }

    /// Whether a text of a column has an input.
    func isKnown(_ code: Float, column: Int) -> Bool { columns[column].categories.map { $0[Int(code)] >= 0 } ?? true }

    func write(_ row: Int, into batch: ExampleBatch, at place: Int) {
        let inputs = UnsafeMutableBufferPointer(
            rebasing: batch.inputRoom[place * shape.inputs..<(place + 1) * shape.inputs])
        table.values.withUnsafeBufferPointer { values in
            var at = row * columns.count
            for column in columns {
                column.write(values[at], row: row, into: inputs)
                at += 1
            }
        }
        switch table.kind {
        case .classes: batch.labelRoom[place] = label(row)
        case .numbers:
            for (target, number) in targets.enumerated() {
                batch.targetRoom[place * targets.count + target] = number.scaled(
                    table.targets[row * targets.count + target], row: row)
            }
        }
    }
}

extension EncodedTable {
    /// A hash of all that a row has, which differs between starts of the program.
    func hash(_ row: Int) -> Int {
        var hasher = Hasher()
        func combine(_ values: [Float], _ width: Int) {
            values.withUnsafeBytes {
                hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: $0[4 * row * width..<4 * (row + 1) * width]))
            }
        }
        combine(table.values, table.columns.count)
        switch table.kind {
        case .classes: hasher.combine(label(row))
        case .numbers: combine(table.targets, table.targetNames.count)
        }
        for case .some(let numbers) in table.doubles { hasher.combine(numbers[row]) }
        return hasher.finalize()
    }

    /// Texts and missing values that the training part has not, and which therefore have no input.
    func reviewTexts(_ part: DataWarning.Part, _ rows: [Int32]) -> [DataWarning] {
        let width = table.columns.count
        var unknown = [Int](repeating: 0, count: width), missing = unknown
        var texts = [Set<String>](repeating: [], count: width)
        let watched = table.columns.indices.filter {
            table.columns[$0].isCategorical || !encoding.columns[$0].hasMissing
        }
        for row in rows {
            for column in watched {
                let value = table.values[Int(row) * width + column]
                if value.isNaN {
                    if !encoding.columns[column].hasMissing { missing[column] += 1 }
                } else if table.columns[column].isCategorical, !isKnown(value, column: column) {
                    unknown[column] += 1
                    texts[column].insert(table.columns[column].texts[Int(value)])
                }
            }
        }
        return watched.flatMap { column -> [DataWarning] in
            let name = table.columns[column].name
            return
                (unknown[column] == 0
                ? []
                : [.unknownCategories(part, column: name, texts: texts[column].sorted(), rows: unknown[column])])
                + (missing[column] == 0 ? [] : [.missingValues(part, column: name, rows: missing[column])])
        }
    }
}

extension EncodedTable.Column {
    @inline(__always)
    fileprivate func write(_ value: Float, row: Int, into inputs: UnsafeMutableBufferPointer<Float>) {
        if let categories {
            for place in input..<input + self.inputs { inputs[place] = 0 }
            if value.isNaN {
                if let missing { inputs[input + missing] = 1 }
            } else if categories[Int(value)] >= 0 {
                inputs[input + Int(categories[Int(value)])] = 1
            }
        } else if let number {
            let most = EncodedTable.Number.most
            inputs[input] = value.isNaN ? 0 : min(most, max(-most, number.scaled(value, row: row)))
            if let missing { inputs[input + missing] = value.isNaN ? 1 : 0 }
        }
    }
}
