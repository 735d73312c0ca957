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
            sum.merged(with: self, each: option).coarsened(to: most)
        }
    }

    /// The counts with costs that are closest made one, until there are at most so many.
    ///
    /// What becomes one costs its mean, so that sums of many decisions do not drift.
    func coarsened(to most: Int) -> CostCounts {
        guard costs.count > most else { return self }
        var means: [Int] = [], ways: [Double] = []
        means.reserveCapacity(most)
        ways.reserveCapacity(most)
        for group in Self.groups(of: costs, most: most) {
            means.append(Self.mean(of: costs[group], weighing: counts[group]))
            ways.append(counts[group].reduce(0, +))
        }
        return CostCounts(costs: means, counts: ways)
    }

    /// Ranges of ascending costs that lie closest together, at most so many.
    static func groups(of costs: [Int], most: Int) -> [Range<Int>] {
        // Costs differ in what is left of them by a shift as long as the highest bit that tells them apart is left.
        var told = [Int](repeating: 0, count: Int.bitWidth + 1)
        for (low, high) in zip(costs, costs.dropFirst()) { told[Int.bitWidth - (low ^ high).leadingZeroBitCount] += 1 }
        var shift = 0, count = costs.count
        while count > most, shift < Int.bitWidth - 1 {
            shift += 1
            count -= told[shift]
        }
        var groups: [Range<Int>] = []
        groups.reserveCapacity(count)
        var start = 0
        for end in 1...costs.count where end == costs.count || costs[end] >> shift != costs[start] >> shift {
            groups.append(start..<end)
            start = end
        }
        return groups
    }

    /// The mean of ascending costs, rounded.
    static func mean(of costs: ArraySlice<Int>, weighing weights: ArraySlice<Double>) -> Int {
        let first = costs[costs.startIndex]
        // Beside the first, so that large costs lose no digits.
        var count = 0.0, sum = 0.0
        for place in costs.indices {
            count += weights[place]
            sum += Double(costs[place] - first) * weights[place]
        }
        return first + Int((sum / count).rounded())
    }

    /// The counts with others, each of which costs so much more.
    private func merged(with other: CostCounts, each more: Int) -> CostCounts {
        var merged: [Int] = [], ways: [Double] = []
        merged.reserveCapacity(costs.count + other.costs.count)
        ways.reserveCapacity(costs.count + other.costs.count)
        var left = 0, right = 0
        while left < costs.count || right < other.costs.count {
            let here = left < costs.count ? costs[left] : .max
            let there = right < other.costs.count ? other.costs[right] + more : .max
            let cost = min(here, there)
            merged.append(cost)
            ways.append((here == cost ? counts[left] : 0) + (there == cost ? other.counts[right] : 0))
            if here == cost { left += 1 }
            if there == cost { right += 1 }
        }
        return CostCounts(costs: merged, counts: ways)
    }
}
