/// Splits candidates into fronts: front 0 is dominated by nobody, front k only by members of earlier fronts.
///
/// Candidates are compared by constraint domination, so feasible fronts come first, then one front for each
/// distinct violation in ascending order, then the failed ones. Within a front the indices ascend; equal points
/// share a front.
///
/// Feasible points are visited in lexicographic order, so that only an earlier one can dominate a later one. With up to
/// two objectives the newest member of a front has its smallest last objective and alone decides whether the front
/// dominates the next point; then all fronts are found at once. With more, one front after the other is taken out.
///
/// Source: Deb et al., "A fast and elitist multiobjective genetic algorithm: NSGA-II" (2002), section III-A, for the
/// fronts; Jensen, "Reducing the run-time complexity of multiobjective EAs" (2003), for two objectives; Zhang et al., "An
/// efficient approach to nondominated sorting for evolutionary multiobjective optimization" (2015), for more.
public enum NonDominatedSorting {
    /// The fronts as indices into the candidates.
    ///
    /// O(N log N) for up to two objectives, O(M N^2) otherwise; memory O(N).
    public static func fronts(of candidates: [Fitness]) -> [[Int]] { fronts(of: candidates, holding: candidates.count) }

    /// The first fronts, until they hold so many candidates or all of them.
    ///
    /// O(N log N) for up to two objectives, O(M N F) otherwise, for F candidates in the fronts that are returned.
    static func fronts(of candidates: [Fitness], holding count: Int) -> [[Int]] {
        guard count > 0 else { return [] }
        var fronts: [[Int]] = [], held = 0
        var rest = FeasibleOrder(candidates)
        if rest.isPlanar {
            fronts = rest.sweep()
            held = rest.count
        } else {
            while held < count, let front = rest.removeFront() {
                fronts.append(front)
                held += front.count
            }
        }
        guard held < count else { return fronts }
        let infeasible = candidates.indices.filter { !candidates[$0].isFailed && candidates[$0].violation > 0 }
        let byViolation = Dictionary(grouping: infeasible) { candidates[$0].violation }
        for (_, front) in byViolation.sorted(by: { $0.key < $1.key }) { fronts.append(front) }
        let failed = candidates.indices.filter { candidates[$0].isFailed }
        if !failed.isEmpty { fronts.append(failed) }
        return fronts
    }
}

/// The feasible ones of some candidates, lexicographically by their objectives, equal ones in their own order.
private struct FeasibleOrder {
    private let candidates: [Fitness]
    private var order: [Int]
    /// Whether the newest member of a front stands for all of it.
    let isPlanar: Bool

    init(_ candidates: [Fitness]) {
        self.candidates = candidates
        let feasible = candidates.indices.filter { candidates[$0].isFeasible }
        isPlanar = feasible.allSatisfy { candidates[$0].objectives.count <= 2 && candidates[$0].noise == nil }
        order = feasible.sorted { left, right in
            for (first, second) in zip(candidates[left].objectives, candidates[right].objectives) where first != second
            {
                return first < second
            }
            return left < right
        }
    }

    /// How many are left.
    var count: Int { order.count }

    /// Takes out those that none of the others dominates, ascending; nil where nothing is left. O(M N F).
    mutating func removeFront() -> [Int]? {
        guard !order.isEmpty else { return nil }
        var front: [Int] = [], rest: [Int] = []
        for index in order {
            let isDominated =
                if isPlanar {
                    front.last.map { candidates[$0].dominates(candidates[index]) } ?? false
                } else {
                    front.contains { candidates[$0].dominates(candidates[index]) }
                }
            if isDominated { rest.append(index) } else { front.append(index) }
        }
        order = rest
        return front.sorted()
    }

    /// All fronts: a binary search finds the first one whose newest member does not dominate the next point. O(N log N).
    func sweep() -> [[Int]] {
        var fronts: [[Int]] = []
        for index in order {
            let point = candidates[index].objectives
            var low = 0, high = fronts.count
            while low < high {
                let middle = (low + high) / 2
                if let last = fronts[middle].last, Fitness.dominates(candidates[last].objectives, point) {
                    low = middle + 1
                } else {
                    high = middle
                }
            }
            if low == fronts.count { fronts.append([]) }
            fronts[low].append(index)
        }
        return fronts.map { $0.sorted() }
    }
}

/// The best candidates of a set.
public enum Front {
    /// The indices of the feasible candidates that no candidate dominates, ascending.
    ///
    /// Equal points are all members; failed and infeasible candidates never are. O(N log N) for up to two objectives,
    /// O(M N F) otherwise, for a front of F.
    public static func indices(of candidates: [Fitness]) -> [Int] {
        var order = FeasibleOrder(candidates)
        return order.removeFront() ?? []
    }

    /// The front of a front and further candidates, in this order. O(M N F) for N further candidates.
    ///
    /// - Parameter front: Feasible candidates of which none dominates another.
    public static func adding(_ further: [Fitness], to front: [Fitness]) -> [Fitness] {
        let new = indices(of: further).map { further[$0] }
        let added = new.filter { point in !front.contains { $0.dominates(point) } }
        return front.filter { point in !added.contains { $0.dominates(point) } } + added
    }
}
