/// Means, deviations and missing values of columns over some rows, in one order of adding, in doubles.
struct Moments {
    /// How many values of each column are missing.
    private(set) var missing: [Int]
    private var counts: [Int]
    private var means: [Double]
    private var squares: [Double]
    private var low: [Double]
    private var high: [Double]
    private let doubles: [[Double]?]
    /// Of columns with doubles, whose squares may be too small for a sum.
    private var deviations: [Int: Double] = [:]

    /// Measures values of shape (rows, columns), or the doubles of a column where it has some.
    init(of values: [Float], doubles: some Collection<[Double]?>, columns: Int, rows: [Int32]) {
        missing = Array(repeating: 0, count: columns)
        counts = missing
        means = Array(repeating: 0, count: columns)
        squares = means
        low = Array(repeating: .infinity, count: columns)
        high = Array(repeating: -.infinity, count: columns)
        self.doubles = Array(doubles.prefix(columns))
        for row in rows {
            for column in 0..<columns {
                let value = Double(values[Int(row) * columns + column])
                guard !value.isNaN else {
                    missing[column] += 1
                    continue
                }
                counts[column] += 1
                means[column] += value
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
        for (column, values) in self.doubles.enumerated() {
            if let values { measure(column, values, rows) }
        }
    }

    /// Measures a column anew, by its doubles.
    private mutating func measure(_ column: Int, _ values: [Double], _ rows: [Int32]) {
        let known = rows.lazy.map { values[Int($0)] }.filter { !$0.isNaN }
        guard let first = known.first, let low = known.min(), let high = known.max() else { return }
        (self.low[column], self.high[column]) = (low, high)
        // Sums of differences to a value lose nothing of it.
        let count = Double(counts[column])
        means[column] = first + known.reduce(0) { $0 + ($1 - first) } / count
        // A power of two, so that squares of the smallest numbers do not vanish.
        let unit = high - low < 0x1p-460 ? 0x1p900 : 1
        let mean = means[column]
        let variance = known.reduce(0) { $0 + ($1 - mean) * unit * (($1 - mean) * unit) } / count
        deviations[column] = max(variance.squareRoot() / unit, .leastNonzeroMagnitude)
    }

    /// Whether a column has one value at most.
    func isConstant(_ column: Int) -> Bool { !(low[column] < high[column]) }

    private func deviation(_ column: Int) -> Double {
        deviations[column] ?? (squares[column] / Double(max(1, counts[column]))).squareRoot()
    }

    /// Whether a column that varies loses more than this share of its deviation by rounding to 32 bits, or has a deviation that
    /// 32 bits do not hold.
    ///
    /// - Parameter rounding: By how much rounding changed a value at most.
    func isBlurred(_ column: Int, rounding: Double) -> Bool {
        let deviation = deviation(column)
        return rounding > 0x1p-14 * deviation || (deviation > 0 && Float(deviation) < .leastNormalMagnitude)
    }

    /// The mean, and the standard deviation or 1 for a column that never varies.
    func scaling(_ column: Int) -> TableEncoding.Scaling {
        let usesDoubles = doubles[column] != nil, mean = means[column]
        let deviation = isConstant(column) ? 1 : deviation(column)
        return usesDoubles
            ? .init(mean: mean, deviation: deviation, usesDoubles: true)
            : .init(
                mean: Double(Float(mean)),
                deviation: Double(Float(deviation) < .leastNormalMagnitude ? 1 : Float(deviation)), usesDoubles: false)
    }
}

/// What the numbers of a table come to over some rows.
struct TableMoments {
    let inputs: Moments
    /// Of targets that are numbers; of no column where they are classes.
    let targets: Moments

    init(_ table: Table, rows: [Int32]) {
        let count = table.columns.count
        inputs = Moments(of: table.values, doubles: table.doubles, columns: count, rows: rows)
        targets = Moments(
            of: table.targets, doubles: table.doubles.dropFirst(count),
            columns: table.kind == .numbers ? table.targetNames.count : 0, rows: rows)
    }
}

extension Table {
    /// Which numbers 32 bits do not tell apart well enough, by their place in `doubles`; none is kept with 64 yet.
    func blurred(by moments: TableMoments) -> Set<Int> {
        Set(
            rounding.indices.filter { place in
                place < columns.count
                    ? !columns[place].isCategorical && moments.inputs.isBlurred(place, rounding: rounding[place])
                    : moments.targets.isBlurred(place - columns.count, rounding: rounding[place])
            })
    }

    /// Drops the doubles of what never varies.
    mutating func dropConstant(_ rows: [Int32]) {
        for place in doubles.indices {
            guard let values = doubles[place] else { continue }
            let known = rows.lazy.map { values[Int($0)] }.filter { !$0.isNaN }
            if let first = known.first, known.contains(where: { $0 != first }) { continue }
            doubles[place] = nil
        }
    }
}
