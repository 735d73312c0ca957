/// How the rows of a table become the inputs and targets of a network, measured on the training part alone.
///
/// A number becomes (value - mean) / deviation, and one that is missing the mean, which is 0; where the training part misses
/// some, an input of 1 or 0 beside says whether it is missing. A text becomes an input of 1 among zeros, one that the
/// training part has not zeros alone.
public struct TableEncoding: Sendable, Equatable, Codable {
    /// A column of inputs.
    public struct Column: Sendable, Equatable, Codable {
        /// The column's name.
        public let name: String
        /// The mean of numbers.
        public let mean: Float
        /// The standard deviation of numbers, positive; 1 for a column that never varies.
        public let deviation: Float
        /// Whether it has an input beside, or a category of its own, for what is missing.
        public let hasMissing: Bool
        /// The categories in the order of their inputs; nil for a column of numbers.
        public let categories: [String]?

        /// How many inputs it becomes.
        public var inputs: Int { (categories?.count ?? 1) + (hasMissing ? 1 : 0) }
    }

    /// The most inputs of an example.
    public static let mostInputs = 1_000_000

    /// The columns in the order of their inputs.
    public let columns: [Column]
    /// The names of the targets.
    public let targets: [String]
    /// The names of the classes in the order of their labels; nil where targets are numbers.
    public let classes: [String]?
    /// The mean of each target that is a number.
    public let targetMean: [Float]
    /// The standard deviation of each target that is a number, positive.
    public let targetDeviation: [Float]

    /// How many inputs an example has.
    public var inputs: Int { columns.reduce(0) { $0 + $1.inputs } }

    /// The mean and the deviation of each input; 0 and 1 for those that are 0 or 1.
    var normalization: Normalization {
        func each(_ value: KeyPath<Column, Float>, other: Float) -> [Float] {
            columns.flatMap { column in
                (0..<column.inputs).map { column.categories == nil && $0 == 0 ? column[keyPath: value] : other }
            }
        }
        return Normalization(
            uncheckedMean: each(\.mean, other: 0), deviation: each(\.deviation, other: 1))
    }

    /// Measures a table on some of its rows, at least one.
    ///
    /// - Parameter constant: Gets the names of the columns of numbers that never vary.
    /// - Throws: `DatasetError.table` for more inputs than there may be, and for a single class.
    init(measuring table: Table, rows: [Int32], file: String, constant: inout [String]) throws(DatasetError) {
        let moments = Moments(of: table.values, columns: table.columns.count, rows: rows)
        var columns: [Column] = []
        for (index, column) in table.columns.enumerated() {
            var categories: [String]?
            var mean: Float = 0, deviation: Float = 1
            if column.isCategorical {
                let isPresent = Self.present(index, of: table, rows: rows)
                let present = column.texts.indices.filter { isPresent[$0] }.map { column.texts[$0] }
                categories = TextOrder.groups(present).flatMap { $0.map { present[$0] } }
            } else {
                (mean, deviation) = moments.scaling(index)
                if moments.isConstant(index) { constant.append(column.name) }
            }
            columns.append(
                Column(
                    name: column.name, mean: mean, deviation: deviation, hasMissing: moments.missing[index] > 0,
                    categories: categories))
        }
        self.columns = columns
        targets = table.targetNames
        switch table.kind {
        case .classes:
            var isPresent = [Bool](repeating: false, count: table.classes.count)
            for row in rows { isPresent[Int(table.labels[Int(row)])] = true }
            let present = table.classes.indices.filter { isPresent[$0] }.map { table.classes[$0].text }
            let classes = TextOrder.groups(present).map { present[$0[0]] }
            guard classes.count > 1 else {
                throw .table(
                    file: file, line: nil, .oneClass(classes.first ?? "", column: table.targetNames.first ?? ""))
            }
            self.classes = classes
            (targetMean, targetDeviation) = ([], [])
        case .numbers:
            let moments = Moments(of: table.targets, columns: table.targetNames.count, rows: rows)
            for (index, name) in table.targetNames.enumerated() where moments.isConstant(index) {
                constant.append(name)
            }
            let scalings = table.targetNames.indices.map(moments.scaling)
            classes = nil
            (targetMean, targetDeviation) = (scalings.map(\.mean), scalings.map(\.deviation))
        }
        guard inputs <= Self.mostInputs else {
            throw .table(
                file: file, line: nil,
                .tooMany(what: "inputs, one for each number and each category", found: inputs, most: Self.mostInputs))
        }
    }

    /// Which texts of a categorical column occur in some rows.
    private static func present(_ column: Int, of table: Table, rows: [Int32]) -> [Bool] {
        var isPresent = [Bool](repeating: false, count: table.columns[column].texts.count)
        for row in rows {
            let code = table.values[Int(row) * table.columns.count + column]
            if !code.isNaN { isPresent[Int(code)] = true }
        }
        return isPresent
    }
}

/// Means, deviations and missing values of columns over some rows, in one order of adding, in doubles.
struct Moments {
    /// How many values of each column are missing.
    private(set) var missing: [Int]
    private var counts: [Int]
    private var means: [Double]
    private var squares: [Double]
    private var low: [Float]
    private var high: [Float]

    init(of values: [Float], columns: Int, rows: [Int32]) {
        missing = Array(repeating: 0, count: columns)
        counts = missing
        means = Array(repeating: 0, count: columns)
        squares = means
        low = Array(repeating: .infinity, count: columns)
        high = Array(repeating: -.infinity, count: columns)
        for row in rows {
            for column in 0..<columns {
                let value = values[Int(row) * columns + column]
                guard !value.isNaN else {
                    missing[column] += 1
                    continue
                }
                counts[column] += 1
                means[column] += Double(value)
                low[column] = min(low[column], value)
                high[column] = max(high[column], value)
            }
        }
        for column in 0..<columns { means[column] /= Double(max(1, counts[column])) }
        // A second pass: the difference of large sums would lose a small deviation.
        for row in rows {
            for column in 0..<columns {
                let value = values[Int(row) * columns + column]
                let offset = value.isNaN ? 0 : Double(value) - means[column]
                squares[column] += offset * offset
            }
        }
    }

    /// Whether a column has one value at most.
    func isConstant(_ column: Int) -> Bool { !(low[column] < high[column]) }

    /// The mean, and the standard deviation or 1 for a column that never varies.
    func scaling(_ column: Int) -> (mean: Float, deviation: Float) {
        let deviation = Float((squares[column] / Double(max(1, counts[column]))).squareRoot())
        return (
            Float(means[column]), isConstant(column) || deviation < .leastNormalMagnitude ? 1 : deviation
        )
    }
}
