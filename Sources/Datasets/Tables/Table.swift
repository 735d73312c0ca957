/// Which kind of target a table has.
public enum TargetKind: String, Sendable, Hashable {
    /// Classes, named by texts or numbers.
    case classes
    /// Numbers.
    case numbers
}

/// The rows of a table as they were read, before anything is measured on them.
///
/// A value is a number, or the code of a text by its first occurrence in the column; one that is missing is NaN.
struct Table: Sendable {
    /// A column of inputs.
    struct Column: Sendable {
        let name: String
        let isCategorical: Bool
        /// The texts of a categorical column, by code.
        var texts: [String] = []
    }

    /// A class, and where it occurs first.
    struct Class: Sendable {
        let text: String
        let file: String
        let line: Int?
    }

    /// The most categories of a column.
    static let mostCategories = 100_000
    /// The most classes.
    static let mostClasses = 1_000_000
    /// The most bytes of a text that names a category or a class.
    static let mostTextBytes = 1024
    /// The largest number that is taken: twice as much, by the smallest deviation, is what is computed with.
    static let mostMagnitude = 1e30

    /// The columns of inputs, in the order of the files.
    var columns: [Column]
    /// The names of the targets.
    let targetNames: [String]
    /// What the targets are.
    let kind: TargetKind
    /// Values of shape (rows, columns).
    var values: [Float] = []
    /// The code of each row's class.
    var labels: [Int32] = []
    /// Targets of shape (rows, targets), where they are numbers.
    var targets: [Float] = []
    /// The numbers of a column as they were read, where rounding to 32 bits loses too much of them; targets that are numbers
    /// follow the columns.
    var doubles: [[Double]?]
    /// By how much rounding to 32 bits changed a number at most, column by column, as `doubles` has them.
    var rounding: [Double]
    /// The classes by code.
    var classes: [Class] = []
    /// How many rows there are.
    var count = 0

    /// Begins with no rows.
    ///
    /// - Parameter kept: Which columns are kept as they are read, by their place in `doubles`.
    init(columns: [Column], targetNames: [String], kind: TargetKind, doubles kept: Set<Int> = []) {
        self.columns = columns
        self.targetNames = targetNames
        self.kind = kind
        let numbers = columns.count + (kind == .numbers ? targetNames.count : 0)
        doubles = (0..<numbers).map { kept.contains($0) ? [] : nil }
        rounding = Array(repeating: 0, count: numbers)
    }

    /// Rounds a number of a column, or of a target, and keeps it as it is where that is wanted.
    @inline(__always)
    mutating func take(_ value: Double, at place: Int) -> Float {
        let rounded = Float(value), change = abs(Double(rounded) - value)
        if change > rounding[place] { rounding[place] = change }
        doubles[place]?.append(value)
        return rounded
    }

    /// Takes memory for so many rows at once, so that none is ever copied.
    mutating func reserve(rows: Int, file: String) throws {
        try Checked.room(
            Self.bytes(rows: rows, columns: columns.count, targets: targetNames.count, kept: keptCount), file: file)
        for place in doubles.indices { doubles[place]?.reserveCapacity(rows) }
        values.reserveCapacity(rows * columns.count)
        switch kind {
        case .classes: labels.reserveCapacity(rows)
        case .numbers: targets.reserveCapacity(rows * targetNames.count)
        }
    }

    /// How many columns are kept as they were read.
    var keptCount: Int { doubles.count { $0 != nil } }

    /// Bytes of values and targets, of which some are kept as they were read; `Int.max` where that is no number any more.
    static func bytes(rows: Int, columns: Int, targets: Int, kept: Int) -> Int {
        let (bytes, over) = (4 * (columns + targets) + 8 * kept).multipliedReportingOverflow(by: rows)
        return over ? .max : bytes
    }

    /// Hands all that was read to `body` as bytes.
    func withDigestBytes(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        let header = [count, columns.count, targetNames.count, classes.count].map(Int64.init)
        try header.withUnsafeBytes(body)
        func digest(_ texts: [String]) throws {
            for text in texts {
                var text = text
                try text.withUTF8 { try body(UnsafeRawBufferPointer($0)) }
                try withUnsafeBytes(of: UInt8(0)) { try body($0) }
            }
        }
        try digest(columns.map(\.name) + targetNames + classes.map(\.text))
        for column in columns where column.isCategorical { try digest(column.texts) }
        try values.withUnsafeBytes(body)
        try labels.withUnsafeBytes(body)
        try targets.withUnsafeBytes(body)
        // Where 32 bits tell rows apart, the bytes are those of versions that kept no more.
        for (place, numbers) in doubles.enumerated() {
            guard let numbers else { continue }
            try withUnsafeBytes(of: Int64(place)) { try body($0) }
            try numbers.withUnsafeBytes(body)
        }
    }
}

extension Table {
    /// Some rows by their classes, in the order of labels; a strata's places are those among the rows.
    func strata(of rows: [Int32]) -> Strata {
        let groups = TextOrder.groups(classes.map(\.text))
        var group = [Int32](repeating: 0, count: classes.count)
        for (place, codes) in groups.enumerated() { for code in codes { group[code] = Int32(place) } }
        return Strata(rows.map { group[Int(labels[Int($0)])] }, classes: groups.count)
    }
}

/// Texts in the order that classes and categories have: by their numbers if all are numbers, otherwise by their bytes.
enum TextOrder {
    /// The number that a text is.
    static func number(_ text: String) -> Double? {
        var text = text
        return text.withUTF8 { DecimalNumber.parse($0) }
    }

    /// The places of texts in order; those that are the same number, such as `1` and `1.0`, stand together.
    static func groups(_ texts: [String]) -> [[Int]] {
        let numbers = texts.compactMap(number)
        guard numbers.count == texts.count else {
            return texts.indices.sorted { texts[$0].utf8.lexicographicallyPrecedes(texts[$1].utf8) }.map { [$0] }
        }
        let sorted = texts.indices.sorted {
            (numbers[$0], texts[$0].utf8.count, $0) < (numbers[$1], texts[$1].utf8.count, $1)
        }
        return sorted.reduce(into: [[Int]]()) { groups, place in
            if let last = groups.last?.first, numbers[last] == numbers[place] {
                groups[groups.count - 1].append(place)
            } else {
                groups.append([place])
            }
        }
    }
}
