internal import Runs
internal import Search
internal import SearchSpaces
public import Store

/// Why a search asked for a candidate, what measuring it took and brought, and which candidates are better.
public struct CandidateExplanation: Sendable {
    /// The nearest of the candidates that dominate it that are told.
    public static let mostNearest = 5
    /// The first of the candidates made of it that are told.
    public static let mostChildren = 20

    /// The candidate.
    public let candidate: CandidateRow
    /// Why it was asked; nil for one that an earlier version asked for.
    public let reason: CandidateReason?
    /// The candidates that it was made of.
    public let parents: [CandidateRow]
    /// The first of the candidates that were made of it.
    public let children: [CandidateRow]
    /// How many were made of it.
    public let childCount: Int
    /// What measuring it took, and the hypervolume with it; nil where that was not noted.
    public let evaluation: CandidateEvaluation?
    /// The hypervolume that it added; nil where nobody tells it.
    public let gain: Double?
    /// How many feasible candidates on the same weights dominate it, and where measuring it was stopped, the best that it could
    /// have come to; nil while it is not measured, and where that failed.
    public let dominators: Int?
    /// Those of them whose objectives are nearest, each scaled by the range of the feasible ones; the nearest first.
    public let nearest: [CandidateRow]
    /// How many measured candidates on the same weights it dominates; nil as above, and where measuring it was stopped.
    public let dominated: Int?

    /// Looks a candidate up and holds it against all others on the same weights.
    ///
    /// Complexity: O(candidates).
    /// - Parameter fronts: The fronts of the same store.
    /// - Throws: ``CoordinatorError/noSuchCandidate(run:number:)``, or `StoreError`.
    public init(of number: Int, in run: StoredRun, _ store: some RunQueries, fronts: FrontIndex) throws {
        let specification = try run.specification(), rule = FitnessRule(specification)
        func row(_ result: CandidateResult) throws -> CandidateRow {
            let members = try fronts.members(
                run.id, weightsStep: result.candidate.weightsStep, objectives: specification.objectives,
                constraints: specification.constraints)
            return CandidateRow(result: result, onFront: members.contains(result.candidate.number))
        }
        func found(_ number: Int) throws -> CandidateResult? {
            try store.candidates(run.id, after: number - 1, limit: 1).first { $0.candidate.number == number }
        }
        guard let own = try found(number) else {
            throw CoordinatorError.noSuchCandidate(run: run.id.text, number: number)
        }
        candidate = try row(own)
        reason = try store.reason(run.id, candidate: number)
        parents = try (reason?.parents ?? []).compactMap(found).map(row)
        let made = try store.children(run.id, of: number, limit: Self.mostChildren)
        children = try made.first.compactMap(found).map(row)
        childCount = made.count
        let points = try store.evaluations(run.id, after: max(0, number - 2), limit: 2)
        evaluation = points.first { $0.candidate == number }
        let before = points.first { $0.candidate == number - 1 }
        let isFirst = try number == 1 || found(number - 1)?.candidate.round != own.candidate.round
        gain = evaluation?.hypervolume.flatMap { volume in
            (isFirst ? 0 : before?.hypervolume).map { max(0, volume - $0) }
        }
        let fitness = rule.told(own)
        guard !own.measurements.isEmpty, !fitness.isFailed else {
            (dominators, dominated, nearest) = (nil, nil, [])
            return
        }
        var comparison = Comparison(of: fitness)
        var after = 0
        while case let page = try store.candidates(run.id, after: after, limit: 1000), let last = page.last {
            for result in page
            where result.candidate.weightsStep == own.candidate.weightsStep && !result.measurements.isEmpty {
                comparison.add(result.candidate.number, rule.fitness(result))
            }
            after = last.candidate.number
        }
        dominators = comparison.better.count
        dominated = rule.fitness(own).isFailed ? nil : comparison.worse
        nearest = try comparison.nearest(Self.mostNearest).compactMap(found).map(row)
    }

    /// A candidate beside others.
    private struct Comparison {
        let fitness: Fitness
        private(set) var better: [(number: Int, point: [Double])] = []
        private(set) var worse = 0
        private var ranges: [ClosedRange<Double>]

        init(of fitness: Fitness) {
            self.fitness = fitness
            ranges = fitness.objectives.map { $0...$0 }
        }

        mutating func add(_ number: Int, _ other: Fitness) {
            if fitness.dominates(other), !other.isFailed { worse += 1 }
            guard other.isFeasible else { return }
            for (axis, value) in other.objectives.enumerated() {
                ranges[axis] = min(ranges[axis].lowerBound, value)...max(ranges[axis].upperBound, value)
            }
            if other.dominates(fitness) { better.append((number, other.objectives)) }
        }

        func nearest(_ count: Int) -> [Int] {
            func distance(_ point: [Double]) -> Double {
                point.indices.reduce(0) { sum, axis in
                    let range = ranges[axis].upperBound - ranges[axis].lowerBound
                    let part = range > 0 ? (point[axis] - fitness.objectives[axis]) / range : 0
                    return sum + part * part
                }
            }
            return better.map { (distance($0.point), $0.number) }.sorted { $0 < $1 }.prefix(count).map(\.1)
        }
    }
}
