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
    private let columns: [Column]
    /// The label of each class, by code.
    private let labels: [Int32]
    private let targetMean: [Float]
    private let targetScale: [Float]

    /// How a column becomes inputs.
    fileprivate struct Column {
        /// Its first input.
        let input: Int
        /// How many inputs it becomes.
        let inputs: Int
        let mean: Float
        let scale: Float
        /// The input that says that the value is missing, from the first one; nil for none.
        let missing: Int?
        /// The input of each text from the first one, by code, -1 for none; nil for a column of numbers.
        let categories: [Int32]?
    }

    init(_ table: Table, _ encoding: TableEncoding) {
        self.table = table
        var input = 0
        columns = zip(table.columns, encoding.columns).map { column, encoded in
            defer { input += encoded.inputs }
            let places = encoded.categories.map { categories in
                let places = Dictionary(uniqueKeysWithValues: categories.enumerated().map { ($1, Int32($0)) })
                return column.texts.map { places[$0] ?? -1 }
            }
            return Column(
                input: input, inputs: encoded.inputs, mean: encoded.mean, scale: 1 / encoded.deviation,
                missing: encoded.hasMissing ? encoded.inputs - 1 : nil, categories: places)
        }
        labels = Self.labels(of: table.classes, encoding.classes ?? [])
        targetMean = encoding.targetMean
        targetScale = encoding.targetDeviation.map { 1 / $0 }
        shape = ExampleShape(
            inputs: input, labels: table.kind == .classes ? 1 : 0,
            targets: table.kind == .numbers ? table.targetNames.count : 0)
    }

    /// The label of each class by code; -1 for one that is not among the known ones.
    static func labels(of classes: [Table.Class], _ known: [String]) -> [Int32] {
        let places = Dictionary(uniqueKeysWithValues: known.enumerated().map { ($1, Int32($0)) })
        // Numbers are the same class however they are written, as long as all classes are numbers.
        let numbers = known.compactMap(TextOrder.number)
        let byNumber =
            numbers.count == known.count
            ? Dictionary(uniqueKeysWithValues: numbers.enumerated().map { ($1, Int32($0)) }) : [:]
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
                column.write(values[at], into: inputs)
                at += 1
            }
        }
        switch table.kind {
        case .classes: batch.labelRoom[place] = label(row)
        case .numbers:
            for target in targetMean.indices {
                let value = table.targets[row * targetMean.count + target]
                batch.targetRoom[place * targetMean.count + target] = (value - targetMean[target]) * targetScale[target]
            }
        }
    }
}

extension EncodedTable.Column {
    /// The largest input: a value far off must not become an infinity.
    private static let most: Float = 1e15

    @inline(__always)
    fileprivate func write(_ value: Float, into inputs: UnsafeMutableBufferPointer<Float>) {
        if let categories {
            for place in input..<input + self.inputs { inputs[place] = 0 }
            if value.isNaN {
                if let missing { inputs[input + missing] = 1 }
            } else if categories[Int(value)] >= 0 {
                inputs[input + Int(categories[Int(value)])] = 1
            }
        } else {
            let scaled = (value - mean) * scale
            inputs[input] = value.isNaN ? 0 : min(Self.most, max(-Self.most, scaled))
            if let missing { inputs[input + missing] = value.isNaN ? 1 : 0 }
        }
    }
}
