/// Splits candidates into fronts: front 0 is dominated by nobody, front k only by members of earlier fronts.
///
/// Candidates are compared by constraint domination, so feasible fronts come first, then one front for each
/// distinct violation in ascending order, then the failed ones. Within a front the indices ascend; equal points
/// share a front.
///
/// Source: Deb et al., "A fast and elitist multiobjective genetic algorithm: NSGA-II" (2002), section III-A; for two
/// objectives a lexicographic sweep, Jensen, "Reducing the run-time complexity of multiobjective EAs" (2003).
public enum NonDominatedSorting {
    /// The fronts as indices into the candidates.
    ///
    /// O(N log N) for up to two objectives, O(M N^2) otherwise.
    public static func fronts(of candidates: [Fitness]) -> [[Int]] {
        let feasible = candidates.indices.filter { candidates[$0].isFeasible }
        let infeasible = candidates.indices.filter { !candidates[$0].isFailed && candidates[$0].violation > 0 }
        let failed = candidates.indices.filter { candidates[$0].isFailed }
        let points = feasible.map { candidates[$0].objectives }
        let isPlanar = points.allSatisfy { $0.count == 2 }
        let local = isPlanar ? sweep(points) : peel(points.count) { Fitness.dominates(points[$0], points[$1]) }
        var fronts = local.map { front in front.map { feasible[$0] } }
        let byViolation = Dictionary(grouping: infeasible) { candidates[$0].violation }
        for (_, front) in byViolation.sorted(by: { $0.key < $1.key }) { fronts.append(front) }
        if !failed.isEmpty { fronts.append(failed) }
        return fronts
    }

    /// The front number of each candidate, in candidate order.
    public static func ranks(of candidates: [Fitness]) -> [Int] {
        var ranks = [Int](repeating: 0, count: candidates.count)
        for (rank, front) in fronts(of: candidates).enumerated() {
            for index in front { ranks[index] = rank }
        }
        return ranks
    }

    /// The same fronts by pairwise comparison of whole fitness values, for any number of objectives. O(M N^2).
    static func general(of candidates: [Fitness]) -> [[Int]] {
        peel(candidates.count) { candidates[$0].dominates(candidates[$1]) }
    }

    /// Deb's peeling: count the dominators of each point, remove those with none, repeat.
    private static func peel(_ count: Int, dominates: (Int, Int) -> Bool) -> [[Int]] {
        var dominated = [[Int]](repeating: [], count: count)
        var dominators = [Int](repeating: 0, count: count)
        for first in 0..<count {
            for second in (first + 1)..<max(count, first + 1) {
                if dominates(first, second) {
                    dominated[first].append(second)
                    dominators[second] += 1
                } else if dominates(second, first) {
                    dominated[second].append(first)
                    dominators[first] += 1
                }
            }
        }
        var fronts: [[Int]] = []
        var current = (0..<count).filter { dominators[$0] == 0 }
        while !current.isEmpty {
            fronts.append(current)
            var next: [Int] = []
            for index in current {
                for other in dominated[index] {
                    dominators[other] -= 1
                    if dominators[other] == 0 { next.append(other) }
                }
            }
            current = next.sorted()
        }
        return fronts
    }

    /// Two objectives: visit the points in lexicographic order; the last point of a front has its smallest second
    /// objective, so it alone decides whether the front dominates the next point, and a binary search finds the
    /// first front that does not.
    private static func sweep(_ points: [[Double]]) -> [[Int]] {
        let order = points.indices.sorted { left, right in
            if points[left][0] != points[right][0] { return points[left][0] < points[right][0] }
            if points[left][1] != points[right][1] { return points[left][1] < points[right][1] }
            return left < right
        }
        var fronts: [[Int]] = []
        var last: [[Double]] = []
        for index in order {
            let point = points[index]
            var low = 0
            var high = last.count
            while low < high {
                let middle = (low + high) / 2
                if Fitness.dominates(last[middle], point) { low = middle + 1 } else { high = middle }
            }
            if low == fronts.count {
                fronts.append([index])
                last.append(point)
            } else {
                fronts[low].append(index)
                last[low] = point
            }
        }
        return fronts.map { $0.sorted() }
    }
}

/// The best candidates of a set.
public enum Front {
    /// The indices of the feasible candidates that no candidate dominates, ascending.
    ///
    /// Equal points are all members; failed and infeasible candidates never are. O(N log N) for two objectives.
    public static func indices(of candidates: [Fitness]) -> [Int] {
        guard let first = NonDominatedSorting.fronts(of: candidates).first else { return [] }
        return first.filter { candidates[$0].isFeasible }
    }
}
