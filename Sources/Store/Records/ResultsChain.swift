internal import GRDB
import SearchSpaces

/// What the store held of a run when a checkpoint was written, and so must hold for the run to go on from there.
public struct ResultsMark: Sendable, Hashable, Codable {
    /// Search rounds that were over.
    public let rounds: Int
    /// Their candidates.
    public let candidates: Int
    /// The training step up to which the sampler's numbers count.
    public let step: Int
    /// The training step up to which records of training count; nil in marks of earlier versions, which had none.
    public let recorded: Int?
    /// A digest of all of these, with what the search measured.
    public let digest: String
}

/// Reads a run's results in their order, and tells what they were up to a moment.
public struct ResultsChain {
    private let run: RunID
    private var rounds = 0
    private var candidates = 0
    private var step = -1
    private var recorded: Int?
    private var results = StableHash()
    private var statistics = StableHash()
    private var records = StableHash()

    /// Starts before the first result of a run.
    public init(_ run: RunID) { self.run = run }

    /// What was read so far.
    public var mark: ResultsMark {
        ResultsMark(
            rounds: rounds, candidates: candidates, step: step, recorded: recorded,
            digest: results.hexadecimal + statistics.hexadecimal + (recorded == nil ? "" : records.hexadecimal))
    }

    /// Reads on.
    ///
    /// Complexity: O(what was added since).
    /// - Parameters:
    ///   - rounds: Rounds that are over.
    ///   - step: The training step up to which the sampler's numbers count.
    ///   - recorded: The training step up to which records of training count; nil to read none.
    public mutating func extend(
        rounds: Int, step: Int, recorded: Int?, in store: some RunQueries
    ) throws(StoreError) {
        let run = run
        (self) = try store.source.read("reading what a checkpoint builds on") { [self] db in
            var chain = self
            reading: while true {
                let page = try Pages.next(db, run: run, after: chain.candidates, limit: 1000, weightsStep: nil)
                for result in page {
                    guard result.candidate.round < rounds else { break reading }
                    chain.add(result)
                }
                if page.count < 1000 { break }
            }
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT \(SamplerStatistic.columns) FROM sampler_statistics
                    WHERE run = ? AND step > ? AND step <= ? ORDER BY step, name, bin
                    """, arguments: [run.text, chain.step, step])
            while let row = try rows.next() {
                let one = try SamplerStatistic(row, of: run)
                chain.statistics.combine(words: RowDigest.of(one.digestValues(run)))
            }
            chain.rounds = max(chain.rounds, rounds)
            chain.step = max(chain.step, step)
            if let recorded { try chain.addRecords(upTo: recorded, db) }
            return chain
        }
    }

    private mutating func addRecords(upTo step: Int, _ db: Database) throws {
        var last = recorded ?? 0
        let digests = TrainingDigest(run)
        reading: while true {
            let page = try TrainingRecord.page(db, run, after: last, limit: 1000)
            for record in page {
                guard record.step <= step else { break reading }
                records.combine(words: digests.ofTraining(record))
                last = record.step
            }
            if page.count < 1000 { break }
        }
        recorded = max(last, step)
    }

    private mutating func add(_ result: CandidateResult) {
        candidates = result.candidate.number
        results.combine(words: RowDigest.of(result.candidate.digestValues(run)))
        // What is absent adds nothing: marks of earlier versions, whose runs have two costs and two qualities, stay the same.
        for cost in Cost.all(of: result.candidate) { results.combine(words: RowDigest.of(cost.digestValues(run))) }
        for measurement in result.measurements where measurement.kind.isOfSearch {
            results.combine(words: RowDigest.of(measurement.digestValues(run)))
        }
    }
}

extension StableHash {
    fileprivate mutating func combine(words number: Int64) {
        withUnsafeBytes(of: number.littleEndian) { combine(words: $0) }
    }
}
