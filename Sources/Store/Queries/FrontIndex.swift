public import SearchSpaces
import Synchronization

/// The fronts of runs, kept up to date by reading only what was measured since the last question.
public final class FrontIndex: Sendable {
    private struct Key: Hashable {
        let run: RunID
        let weightsStep: Int
    }

    private struct Progress {
        var front: ParetoFront
        /// Every candidate up to this number is in.
        var number = 0
    }

    /// One front. Whoever asks while it is read waits for it: nothing is read twice.
    private final class Entry: Sendable {
        let progress = Mutex<Progress?>(nil)
    }

    private let source: ReadSource
    private let entries = Mutex<(table: [Key: (entry: Entry, lastUse: Int)], clock: Int)>(([:], 0))
    private static let most = 64

    /// Creates an index over a store.
    public init(_ store: some RunQueries) { source = store.source }

    /// The numbers of the candidates that no other of the same weights dominates.
    ///
    /// Complexity: O(candidates measured since the last call, times the size of the front).
    public func members(
        _ run: RunID, weightsStep: Int, objectives: [Objective], constraints: [Constraint]
    ) throws(StoreError) -> Set<Int> {
        let entry = entry(Key(run: run, weightsStep: weightsStep))
        return try entry.progress.withLock { progress throws(StoreError) in
            var current = progress ?? Progress(front: ParetoFront(objectives: objectives, constraints: constraints))
            if current.front.objectives != objectives || current.front.constraints != constraints {
                current = Progress(front: ParetoFront(objectives: objectives, constraints: constraints))
            }
            // What was read up to the first pending candidate stays, also when reading breaks off.
            defer { progress = current }
            var beyond: ParetoFront?, cursor = current.number
            try source.read("reading the front") { db in
                while true {
                    let page = try Pages.next(db, run: run, after: cursor, limit: 1000, weightsStep: weightsStep)
                    for result in page {
                        cursor = result.candidate.number
                        if result.measurements.isEmpty {
                            // Candidates after it may be measured, where several are asked at a time.
                            beyond = beyond ?? current.front
                        } else if beyond != nil {
                            beyond?.add(result)
                        } else {
                            current.front.add(result)
                            current.number = cursor
                        }
                    }
                    if page.count < 1000 { return }
                }
            }
            return (beyond ?? current.front).members()
        }
    }

    /// The front of a key, which counts as used; the one that was not for the longest makes way.
    private func entry(_ key: Key) -> Entry {
        entries.withLock { state in
            state.clock += 1
            let entry = state.table[key]?.entry ?? Entry()
            state.table[key] = (entry, state.clock)
            if state.table.count > Self.most, let oldest = state.table.min(by: { $0.value.lastUse < $1.value.lastUse })
            {
                state.table[oldest.key] = nil
            }
            return entry
        }
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
        // Taken out meanwhile, so that it is changed in its place.
        var front = fronts.removeValue(forKey: step) ?? []
        defer { fronts[step] = front }
        if let place = front.firstIndex(where: { dominates($0.values, values) }) {
            // Who dominates one dominates many: it is looked at earlier next time.
            front.swapAt(place, place / 2)
            return
        }
        front.removeAll { dominates(values, $0.values) }
        front.append((result.candidate.number, values))
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
