internal import GRDB
import SearchSpaces

/// 64 bits over the values of a row, kept in the row: a bit that a disk or a memory has turned is noticed when it is read.
///
/// Rows of an earlier version have none, and are taken as they are.
struct RowDigest {
    private var hash = StableHash()

    /// The digest of a row's values, in the order of their columns.
    static func of(_ values: [DatabaseValue]) -> Int64 {
        var digest = RowDigest()
        for value in values { digest.add(value) }
        return digest.value
    }

    /// Takes in a value with its type and length, so that no two rows look alike.
    mutating func add(_ value: DatabaseValue) {
        switch value.storage {
        case .null: hash.combine(UInt8(0))
        case .int64(let number): add(1, UInt64(bitPattern: number))
        case .double(let number): add(2, number.bitPattern)
        case .string(let text):
            add(3, UInt64(text.utf8.count))
            hash.combine(text)
        case .blob(let data):
            add(4, UInt64(data.count))
            hash.combine(data)
        }
    }

    private mutating func add(_ type: UInt8, _ word: UInt64) {
        hash.combine(type)
        withUnsafeBytes(of: word.littleEndian) { hash.combine(words: $0) }
    }

    /// The digest so far.
    var value: Int64 { hash.word }

    /// Checks a row's digest.
    ///
    /// - Parameter stored: As the row has it; nil for a row of an earlier version.
    /// - Throws: ``StoreError/corrupt(path:detail:)``.
    static func check(_ stored: Int64?, of values: [DatabaseValue], _ name: @autoclosure () -> String) throws {
        guard let stored, stored != of(values) else { return }
        throw StoreError.corrupt(path: name(), detail: "the row is not as it was written")
    }
}

extension Row {
    /// The value of a column; an error, and no end of the process, where a damaged file has another.
    func value<Value: DatabaseValueConvertible>(_ column: String) throws -> Value {
        try decode(Value.self, forColumn: column)
    }

    /// The value at a place; an error, and no end of the process, where a damaged file has another.
    func value<Value: DatabaseValueConvertible & StatementColumnConvertible>(at index: Int) throws -> Value {
        try decode(Value.self, atIndex: index)
    }
}

/// A digest of every candidate, cost and measurement of a run, which tells whether one of them is missing or another is there.
struct ResultsDigest {
    private var candidates = 0
    private var values = 0
    // Sums and not a chain: rows come in the order that whoever reads them wants.
    private var sum: UInt64 = 0
    private var folded: UInt64 = 0

    /// Takes in a candidate with its measurements.
    mutating func add(_ result: CandidateResult, of run: RunID) {
        candidates += 1
        add(RowDigest.of(result.candidate.digestValues(run)))
        for cost in Cost.all(of: result.candidate) {
            values += 1
            add(RowDigest.of(cost.digestValues(run)))
        }
        for measurement in result.measurements {
            values += 1
            add(RowDigest.of(measurement.digestValues(run)))
        }
    }

    private mutating func add(_ digest: Int64) {
        let word = UInt64(bitPattern: digest)
        sum &+= word
        folded ^= word &* 0x9E37_79B9_7F4A_7C15
    }

    /// The counts and the sums.
    var text: String {
        "\(candidates) \(values) \(String(sum, radix: 16)) \(String(folded, radix: 16))"
    }

    /// The digest of all that is stored.
    ///
    /// Complexity: O(candidates).
    static func of(run: RunID, in db: Database) throws -> ResultsDigest {
        var digest = ResultsDigest()
        try Pages.all(db, run: run, weightsStep: nil) { digest.add($0, of: run) }
        return digest
    }
}
