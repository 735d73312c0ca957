internal import GRDB

/// Candidates of one state of the weights that stand for all of them in a picture: an even part, and the whole front.
public struct CandidateSample: Sendable {
    /// How many candidates the weights have in all.
    public let count: Int
    /// Those that are shown, in ask order.
    public let rows: [CandidateRow]
}

extension RunQueries {
    /// Every n-th candidate of a state of the weights, and all that are on its front.
    ///
    /// n is the least power of two with which no more than `most` come, so that who was shown stays while the search goes on,
    /// until every second one goes.
    /// Complexity: O((most + front) log candidates).
    /// - Parameter front: The numbers of the front of these weights.
    public func sample(
        _ run: RunID, weightsStep: Int, most: Int, front: Set<Int>
    ) throws(StoreError) -> CandidateSample {
        try source.read("drawing candidates") { db in
            guard let span = try Self.span(db, run, weightsStep: weightsStep) else {
                return CandidateSample(count: 0, rows: [])
            }
            let stride = Self.stride(over: span.count, most: most)
            var results: [CandidateResult] = []
            if stride == 1 {
                try Pages.all(db, run: run, weightsStep: weightsStep) { results.append($0) }
            } else {
                let numbers = Set(Swift.stride(from: span.lowerBound, through: span.upperBound, by: stride)).union(
                    front)
                for number in numbers.sorted() {
                    results += try Pages.next(db, run: run, after: number - 1, limit: 1, weightsStep: weightsStep)
                }
            }
            return CandidateSample(
                count: span.count,
                rows: results.map { CandidateRow(result: $0, onFront: front.contains($0.candidate.number)) })
        }
    }

    /// The curve of the hypervolume, thinned: of each of the rounds the first point, the last, and every n-th between them, where
    /// n is the least power of two with which no more than `most` of these come over all rounds.
    ///
    /// Complexity: O((most + rounds) log evaluations).
    public func curve(_ run: RunID, rounds: [SearchRound], most: Int) throws(StoreError) -> [CurvePoint] {
        try source.read("drawing the curve") { db in
            let spans = try Set(rounds.map(\.weightsStep)).sorted().compactMap {
                try Self.span(db, run, weightsStep: $0)
            }
            let stride = Self.stride(over: spans.reduce(0) { $0 + $1.count }, most: most)
            var points: [CurvePoint] = []
            for span in spans {
                // The last that was measured, which may not be the last that was asked.
                guard
                    let last = try Int.fetchOne(
                        db.cachedStatement(
                            sql: "SELECT max(candidate) FROM evaluations WHERE run = ? AND candidate BETWEEN ? AND ?"),
                        arguments: [run.text, span.lowerBound, span.upperBound])
                else { continue }
                let numbers = Array(Swift.stride(from: span.lowerBound, through: last, by: stride)) + [last]
                for number in numbers where number > points.last?.candidate ?? 0 {
                    guard let point = try CurvePoint.page(db, run, after: number - 1, limit: 1).first else { break }
                    if point.candidate == number { points.append(point) }
                }
            }
            return points
        }
    }

    /// The least power of two that makes no more than so many steps through a span.
    private static func stride(over count: Int, most: Int) -> Int {
        var stride = 1
        while count / stride > max(1, most) { stride *= 2 }
        return stride
    }

    /// The numbers of the candidates of a state of the weights; nil where there are none.
    private static func span(_ db: Database, _ run: RunID, weightsStep: Int) throws -> ClosedRange<Int>? {
        func end(_ function: String) throws -> Int? {
            // One end at a time is found at once; both in one statement would read all between them.
            try Int.fetchOne(
                db.cachedStatement(
                    sql: "SELECT \(function)(number) FROM candidates WHERE run = ? AND weights_step = ?"),
                arguments: [run.text, weightsStep])
        }
        guard let first = try end("min"), let last = try end("max") else { return nil }
        return first...last
    }
}
