/// Which candidates of a merged population live on.
///
/// All rules are deterministic: what the rule leaves equal is decided by position, the earlier asked one staying.
public enum Survival {
    /// The survivors of NSGA-II, ascending: whole fronts while they fit, then the cut front by falling crowding.
    ///
    /// Source: Deb et al. 2002, section III-C. O(N log N) for up to two objectives, otherwise O(M N F) for F candidates
    /// in the fronts down to the cut one.
    public static func byFrontAndCrowding(_ candidates: [Fitness], count: Int) -> [Int] {
        let fronts = NonDominatedSorting.fronts(of: candidates, holding: count)
        return wholeFronts(fronts, count: count) { rank, _ in
            let front = fronts[rank]
            let distances = CrowdingDistance.distances(of: front.map { candidates[$0].objectives })
            let order = front.indices.sorted { left, right in
                distances[left] != distances[right] ? distances[left] > distances[right] : left < right
            }
            return order.map { front[$0] }
        }.sorted()
    }

    /// The candidates of the fronts from which the first so many are taken, the cut one with all of its members.
    ///
    /// Where one that is not among them gets worse, all of these fronts stay as they are: who is before it dominates it still, and
    /// whom it dominated comes later than all of them. O(N log N) for up to two objectives, else O(M N F).
    public static func deciding(_ candidates: [Fitness], count: Int) -> Set<Int> {
        Set(NonDominatedSorting.fronts(of: candidates, holding: count).joinedUntil(count))
    }

    /// Whole fronts while they fit, then those of the cut one that come first by a rule.
    ///
    /// - Parameter cut: The order of the front of a rank, or its first ones as many as are wanted, beside those that live on
    ///   already; asked once at most.
    static func wholeFronts(
        _ fronts: [[Int]], count: Int, cut: (_ rank: Int, _ taken: [Int]) -> [Int]
    ) -> [Int] {
        var survivors: [Int] = []
        for (rank, front) in fronts.enumerated() where survivors.count < count {
            let room = count - survivors.count
            survivors += front.count <= room ? front[...] : cut(rank, survivors).prefix(room)
        }
        return survivors
    }

    /// The survivors, ascending, of a rule for feasible candidates: infeasible ones fill what these leave, by their violation,
    /// failed ones the rest.
    ///
    /// - Parameter choose: Which of the feasible candidates, as places among them, when there are more than wanted; asked
    ///   in any case, with at most as many to choose as there are.
    static func feasibleFirst(
        _ candidates: [Fitness], count: Int, choose: (_ feasible: [[Double]], _ count: Int) -> [Int]
    ) -> [Int] {
        let feasible = candidates.indices.filter { candidates[$0].isFeasible }
        var survivors: [Int] = []
        if !feasible.isEmpty {
            survivors = choose(feasible.map { candidates[$0].objectives }, min(count, feasible.count))
                .map { feasible[$0] }
        }
        let others = candidates.indices.filter { !candidates[$0].isFeasible }.sorted { left, right in
            if candidates[left].dominates(candidates[right]) { return true }
            return !candidates[right].dominates(candidates[left]) && left < right
        }
        survivors += others.prefix(max(count - survivors.count, 0))
        return survivors.sorted()
    }

    /// The `count` best by the first objective under constraint domination, ascending: (mu + lambda) truncation.
    ///
    /// O(N log N).
    public static func byFirstObjective(_ candidates: [Fitness], count: Int) -> [Int] {
        let scalars = candidates.map(\.scalar)
        let order = scalars.indices.sorted { left, right in
            if scalars[left].dominates(scalars[right]) { return true }
            if scalars[right].dominates(scalars[left]) { return false }
            return left < right
        }
        return order.prefix(max(count, 0)).sorted()
    }
}

/// Who of a population is better: by constraint domination or front, then by larger crowding distance in its own front.
struct CrowdedOrder: Sendable {
    private let fitness: [Fitness]
    private let crowding: [Double]
    private let ranks: [Int]

    init(_ fitness: [Fitness]) {
        self.fitness = fitness
        var crowding = [Double](repeating: 0, count: fitness.count), ranks = [Int](repeating: 0, count: fitness.count)
        for (rank, front) in NonDominatedSorting.fronts(of: fitness).enumerated() {
            let distances = CrowdingDistance.distances(of: front.map { fitness[$0].objectives })
            for (index, distance) in zip(front, distances) { (crowding[index], ranks[index]) = (distance, rank) }
        }
        (self.crowding, self.ranks) = (crowding, ranks)
    }

    /// Whether the one at a position comes before that at another when all are put in order: by front, crowding, position.
    func places(_ first: Int, before second: Int) -> Bool {
        (ranks[first], -crowding[first], first) < (ranks[second], -crowding[second], second)
    }

    /// Whether the one at a position beats that at another.
    func beats(_ first: Int, _ second: Int) -> Bool {
        if fitness[first].dominates(fitness[second]) { return true }
        return !fitness[second].dominates(fitness[first]) && crowding[first] > crowding[second]
    }
}

/// How much room a member of a front has between its neighbours.
///
/// For each objective the front is sorted (stably); its ends get infinity and every other member
/// `(f[i+1] - f[i-1]) / (max - min)`; the sum is divided by the number of objectives. An objective that is constant
/// over the front adds nothing, and in a front of at most two members all have infinity.
///
/// Source: Deb et al. 2002, section III-B; the division by the number of objectives follows pymoo and changes no
/// ordering.
public enum CrowdingDistance {
    /// The distances of the points of one front, in order. O(M N log N).
    public static func distances(of points: [[Double]]) -> [Double] {
        guard points.count > 2, let dimension = points.map(\.count).min(), dimension > 0 else {
            return [Double](repeating: .infinity, count: points.count)
        }
        var distances = [Double](repeating: 0, count: points.count)
        for objective in 0..<dimension {
            let order = points.indices.sorted { left, right in
                let (first, second) = (points[left][objective], points[right][objective])
                return first != second ? first < second : left < right
            }
            let first = order[0]
            let last = order[order.count - 1]
            let range = points[last][objective] - points[first][objective]
            guard range > 0 else { continue }
            distances[first] = .infinity
            distances[last] = .infinity
            for position in 1..<(order.count - 1) {
                let gap = points[order[position + 1]][objective] - points[order[position - 1]][objective]
                distances[order[position]] += gap / range
            }
        }
        return distances.map { $0 / Double(dimension) }
    }
}

extension [[Int]] {
    /// The members of the first fronts that hold so many.
    fileprivate func joinedUntil(_ count: Int) -> [Int] {
        var members: [Int] = []
        for front in self where members.count < count { members += front }
        return members
    }
}
