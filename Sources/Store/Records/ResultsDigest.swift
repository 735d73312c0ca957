internal import GRDB
import SearchSpaces

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
