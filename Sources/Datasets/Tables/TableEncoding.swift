/// How the rows of a table become the inputs and targets of a network, measured on the training part alone.
///
/// A number becomes (value - mean) / deviation, and one that is missing the mean, which is 0; where the training part misses
/// some, an input of 1 or 0 beside says whether it is missing. A text becomes an input of 1 among zeros, one that the
/// training part has not zeros alone.
public struct TableEncoding: Sendable, Equatable {
    /// What brings numbers to mean 0 and deviation 1.
    public struct Scaling: Sendable, Equatable {
        /// The mean.
        public let mean: Double
        /// The standard deviation, positive; 1 for what never varies.
        public let deviation: Double
        /// Whether 64 bits are computed with; else values are rounded to 32 bits first, as are mean and deviation.
        public let usesDoubles: Bool

        /// Takes known values.
        public init(mean: Double, deviation: Double, usesDoubles: Bool) {
            self.mean = mean
            self.deviation = deviation
            self.usesDoubles = usesDoubles
        }

        /// Whether it can be computed with.
        var isSound: Bool {
            guard mean.isFinite, deviation.isFinite, deviation > 0 else { return false }
            return usesDoubles || (Float(mean).isFinite && Float(deviation).isNormal)
        }
    }

    /// A column of inputs.
    public struct Column: Sendable, Equatable {
        /// The column's name.
        public let name: String
        /// How its numbers are scaled; nil for a column of texts.
        public let scaling: Scaling?
        /// Whether it has an input beside, or a category of its own, for what is missing.
        public let hasMissing: Bool
        /// The categories in the order of their inputs; nil for a column of numbers.
        public let categories: [String]?

        /// Takes what is known of a column, which has either a scaling or categories.
        public init(name: String, scaling: Scaling?, hasMissing: Bool, categories: [String]?) {
            self.name = name
            self.scaling = scaling
            self.hasMissing = hasMissing
            self.categories = categories
        }

        /// How many inputs it becomes.
        public var inputs: Int { (categories?.count ?? 1) + (hasMissing ? 1 : 0) }
    }

    /// What a network tells.
    public enum Targets: Sendable, Equatable {
        /// A class: the column's name, and the names of the classes in the order of their labels.
        case classes(column: String, names: [String])
        /// Numbers: their names, and how they are scaled.
        case numbers(names: [String], scalings: [Scaling])
    }

    /// The most inputs of an example.
    public static let mostInputs = 1_000_000

    /// The columns in the order of their inputs.
    public let columns: [Column]
    /// What a network tells.
    public let targets: Targets

    /// The names of the classes in the order of their labels; nil where targets are numbers.
    public var classes: [String]? { if case .classes(_, let names) = targets { names } else { nil } }

    /// How targets that are numbers are scaled.
    var targetScalings: [Scaling] { if case .numbers(_, let scalings) = targets { scalings } else { [] } }

    /// The names of the targets.
    var targetNames: [String] {
        switch targets {
        case .classes(let column, _): [column]
        case .numbers(let names, _): names
        }
    }

    /// How many inputs an example has.
    public var inputs: Int { columns.reduce(0) { $0 + $1.inputs } }

    /// How many inputs the columns become, in words.
    var inputText: String {
        let plain = columns.count { $0.inputs == 1 && $0.scaling != nil },
            others = columns.filter { $0.inputs != 1 || $0.scaling == nil }
        let listed = others.prefix(10).map { column in
            let parts = column.categories.map { $0.isEmpty ? "no text" : TableFault.list($0) } ?? "the number"
            return
                "\(column.inputs) for '\(TableFault.shown(column.name))' (\(parts)\(column.hasMissing ? ", and whether it is missing" : ""))"
        }
        let rest = others.dropFirst(10)
        return
            ((plain > 0
            ? ["\(plain) for \(plain) column\(plain == 1 ? "" : "s") of numbers without missing values"] : []) + listed
            + (rest.isEmpty ? [] : ["\(rest.reduce(0) { $0 + $1.inputs }) for \(rest.count) columns more"]))
            .joined(separator: ", ")
    }

    /// What is asked of a network.
    public var goal: DataGoal {
        switch targets {
        case .classes(_, let names): .classes(names.count)
        case .numbers(_, let scalings):
            .numbers(Normalization(uncheckedMean: scalings.map(\.mean), deviation: scalings.map(\.deviation)))
        }
    }

    /// The mean and the deviation of each input; 0 and 1 for those that are 0 or 1.
    var normalization: Normalization {
        func each(_ value: KeyPath<Scaling, Double>, other: Double) -> [Double] {
            columns.flatMap { column in
                (0..<column.inputs).map { $0 == 0 ? column.scaling?[keyPath: value] ?? other : other }
            }
        }
        return Normalization(uncheckedMean: each(\.mean, other: 0), deviation: each(\.deviation, other: 1))
    }

    /// Which numbers are kept with 64 bits, by their place in `Table.doubles`.
    var doubles: Set<Int> {
        let scalings = columns.map(\.scaling) + targetScalings
        return Set(scalings.indices.filter { scalings[$0]?.usesDoubles == true })
    }

    /// Takes what a file says.
    ///
    /// - Throws: `DatasetError.invalidSetting` for what cannot be computed with.
    public init(columns: [Column], targets: Targets) throws(DatasetError) {
        self.columns = columns
        self.targets = targets
        func isUnique(_ names: [String]) -> Bool { Set(names).count == names.count }
        let isSound =
            columns.allSatisfy { column in
                (column.scaling == nil) != (column.categories == nil) && column.scaling?.isSound != false
                    && isUnique(column.categories ?? [])
            } && isUnique(columns.map(\.name) + targetNames) && isUnique(classes ?? [])
            && targetScalings.allSatisfy(\.isSound) && (classes != nil || targetScalings.count == targetNames.count)
            && (1...Self.mostInputs).contains(columns.reduce(0) { min($0 + $1.inputs, Self.mostInputs + 1) })
        guard isSound else {
            throw Self.contradiction(allowed: "a scaling of numbers or different texts for each column")
        }
    }

    /// What is wrong where a network file cannot mean what it says of its inputs.
    static func contradiction(allowed: String) -> DatasetError {
        .invalidSetting(name: "what the network file says of its inputs", value: "contradictory", allowed: allowed)
    }

    /// Measures a table on some of its rows, at least one.
    ///
    /// - Parameters:
    ///   - measured: What the numbers of these rows come to.
    ///   - constant: Gets the names of the columns of numbers that never vary.
    /// - Throws: `DatasetError.table` for more inputs than there may be, and for a single class.
    init(
        measuring table: Table, rows: [Int32], _ measured: TableMoments, file: String, constant: inout [String]
    ) throws(DatasetError) {
        let moments = measured.inputs
        var columns: [Column] = []
        for (index, column) in table.columns.enumerated() {
            var categories: [String]?
            if column.isCategorical {
                let isPresent = Self.present(index, of: table, rows: rows)
                let present = column.texts.indices.filter { isPresent[$0] }.map { column.texts[$0] }
                categories = TextOrder.groups(present).flatMap { $0.map { present[$0] } }
            } else if moments.isConstant(index) {
                constant.append(column.name)
            }
            columns.append(
                Column(
                    name: column.name, scaling: column.isCategorical ? nil : moments.scaling(index),
                    hasMissing: moments.missing[index] > 0, categories: categories))
        }
        self.columns = columns
        switch table.kind {
        case .classes:
            let column = table.targetNames.first ?? ""
            var isPresent = [Bool](repeating: false, count: table.classes.count)
            for row in rows { isPresent[Int(table.labels[Int(row)])] = true }
            let present = table.classes.indices.filter { isPresent[$0] }.map { table.classes[$0].text }
            let classes = TextOrder.groups(present).map { present[$0[0]] }
            guard classes.count > 1 else {
                throw .table(file: file, line: nil, .oneClass(classes.first ?? "", column: column))
            }
            targets = .classes(column: column, names: classes)
        case .numbers:
            let moments = measured.targets
            for (index, name) in table.targetNames.enumerated() where moments.isConstant(index) {
                constant.append(name)
            }
            targets = .numbers(names: table.targetNames, scalings: table.targetNames.indices.map(moments.scaling))
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
