/// In how many ways some decisions add up to each cost.
///
/// Always in ascending order of costs, so that sums of counts too large to be exact have the same bits each time.
struct CostCounts: Equatable {
    /// The costs, ascending; some may be below 0.
    private(set) var costs: [Int]
    /// The number of ways of each.
    private(set) var counts: [Double]

    /// No decision at all: one way, which costs nothing.
    static let nothing = CostCounts(costs: [0], counts: [1])

    /// The counts with one more decision, whose options cost so much; coarsened on the way where there are too many.
    ///
    /// Complexity: O(options times the costs of the result).
    func adding(_ options: [Int], most: Int = .max) -> CostCounts {
        options.reduce(CostCounts(costs: [], counts: [])) { sum, option in
            sum.merged(with: CostCounts(costs: costs.map { $0 + option }, counts: counts)).coarsened(to: most)
        }
    }

    /// The counts with costs that are closest made one, until there are at most so many.
    ///
    /// What becomes one costs its mean, so that sums of many decisions do not drift.
    func coarsened(to most: Int) -> CostCounts {
        var grain = 1, groups = costs.count
        while groups > most {
            grain *= 2
            groups = 0
            var last: Int?
            for cost in costs {
                let group = Self.group(of: cost, grain)
                if group != last { groups += 1 }
                last = group
            }
        }
        guard grain > 1 else { return self }
        var result = CostCounts(costs: [], counts: [])
        var start = 0
        for end in 1...costs.count
        where end == costs.count || Self.group(of: costs[end], grain) != Self.group(of: costs[start], grain) {
            let count = counts[start..<end].reduce(0, +)
            // Beside the first, so that large costs lose no digits.
            let mean = (start..<end).reduce(0.0) { $0 + Double(costs[$1] - costs[start]) * counts[$1] } / count
            result.append(costs[start] + Int(mean.rounded()), count)
            start = end
        }
        return result
    }

    private static func group(of cost: Int, _ grain: Int) -> Int {
        // Costs may be below 0.
        cost >= 0 ? cost / grain : (cost + 1) / grain - 1
    }

    private func merged(with other: CostCounts) -> CostCounts {
        var result = CostCounts(costs: [], counts: [])
        result.costs.reserveCapacity(costs.count + other.costs.count)
        result.counts.reserveCapacity(costs.count + other.costs.count)
        var left = 0, right = 0
        while left < costs.count || right < other.costs.count {
            let here = left < costs.count ? costs[left] : .max
            let there = right < other.costs.count ? other.costs[right] : .max
            let cost = min(here, there)
            result.append(cost, (here == cost ? counts[left] : 0) + (there == cost ? other.counts[right] : 0))
            if here == cost { left += 1 }
            if there == cost { right += 1 }
        }
        return result
    }

    private mutating func append(_ cost: Int, _ count: Double) {
        costs.append(cost)
        counts.append(count)
    }
}
