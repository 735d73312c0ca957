public import SearchSpaces
import Synchronization

/// The fronts of runs, kept up to date by reading only what was measured since the last question.
public final class FrontIndex: Sendable {
    private struct Key: Hashable {
        let run: RunID
        let weightsStep: Int
    }

    private struct Entry {
        var front: ParetoFront
        /// Every candidate up to this number is in.
        var number = 0
        var lastUse = 0
    }

    private let source: ReadSource
    private let entries = Mutex<(table: [Key: Entry], clock: Int)>(([:], 0))
    private static let most = 64

    /// Creates an index over a store.
    public init(_ store: some RunQueries) { source = store.source }

    /// The numbers of the candidates that no other of the same weights dominates.
    ///
    /// Complexity: O(candidates measured since the last call, times the size of the front).
    public func members(
        _ run: RunID, weightsStep: Int, objectives: [Objective], constraints: [Constraint]
    ) throws(StoreError) -> Set<Int> {
        let key = Key(run: run, weightsStep: weightsStep)
        var entry = entries.withLock { $0.table[key] }
        if entry?.front.objectives != objectives || entry?.front.constraints != constraints { entry = nil }
        var current = entry ?? Entry(front: ParetoFront(objectives: objectives, constraints: constraints))
        try source.read("reading the front") { db in
            while true {
                let page = try Pages.next(db, run: run, after: current.number, limit: 1000, weightsStep: weightsStep)
                for result in page {
                    // A generation is measured as a whole: what comes after a pending candidate is pending as well.
                    if result.measurements.isEmpty { return }
                    current.front.add(result)
                    current.number = result.candidate.number
                }
                if page.count < 1000 { return }
            }
        }
        entries.withLock { state in
            state.clock += 1
            current.lastUse = state.clock
            // Two threads may have read on from the same entry: the one that got further stays.
            if (state.table[key]?.number ?? 0) <= current.number { state.table[key] = current }
            if state.table.count > Self.most, let oldest = state.table.min(by: { $0.value.lastUse < $1.value.lastUse })
            {
                state.table[oldest.key] = nil
            }
        }
        return current.front.members()
    }
}

/// Takes candidates one by one and keeps those feasible ones that no other of the same weights dominates.
///
/// Complexity: O(n f) for n candidates and a front of f; memory O(f).
struct ParetoFront {
    let objectives: [Objective]
    let constraints: [Constraint]
    private let noises: [Double]
    private var fronts: [Int: [(number: Int, values: [Double])]] = [:]

    init(objectives: [Objective], constraints: [Constraint]) {
        self.objectives = objectives
        self.constraints = constraints
        noises = objectives.noises
    }

    /// Adds a candidate; one that is infeasible or lacks an objective is passed over, equal points stay together.
    mutating func add(_ result: CandidateResult) {
        guard !objectives.isEmpty, result.violation(of: constraints) == 0 else { return }
        guard let values = objectives.minimized({ result.value(of: $0) }) else { return }
        let step = result.candidate.weightsStep
        let front = fronts[step, default: []]
        if front.contains(where: { dominates($0.values, values) }) { return }
        fronts[step] = front.filter { !dominates(values, $0.values) } + [(result.candidate.number, values)]
    }

    /// The numbers of the candidates on the front of their weights.
    func members() -> Set<Int> {
        Set(fronts.values.joined().map(\.number))
    }

    /// Whether `left` is nowhere worse than `right`, what is noisy better by the noise, and somewhere better.
    private func dominates(_ left: [Double], _ right: [Double]) -> Bool {
        var isBetter = false
        for (place, (a, b)) in zip(left, right).enumerated() {
            if a + noises[place] > b { return false }
            if a < b { isBetter = true }
        }
        return isBetter
    }
}
