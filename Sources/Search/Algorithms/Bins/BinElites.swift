import Runs
import SearchSpaces
import Tensors

/// The best by the first objective of each bin of the second one, a cost, and their children.
///
/// Bins are of equal width over what the feasible candidates at hand cost; with one objective there is one bin. Parents are the
/// best of their bins, and the next best where these are fewer than a quarter of the population, drawn uniformly; children are
/// mutants or crosses. Survivors are the best of each bin, then the second of each, until there are enough; infeasible
/// ones come last.
///
/// Source: Wang et al., "AlphaNet: Improved training of supernets with alpha-divergence" (ICML 2021), the search with bins of
/// FLOPs; as a map of elites, Mouret and Clune, "Illuminating search spaces by mapping elites" (2015).
struct BinElites: SearchStrategy {
    private let settings: BinsSettings
    private let variation: SplitVariation
    private let space: any GenomeSpace

    init(_ settings: BinsSettings, in space: any GenomeSpace) {
        self.settings = settings
        self.space = space
        variation = SplitVariation(
            space: space, rate: settings.mutationRate, networkRate: settings.mutationRate,
            crossoverRate: settings.crossoverRate)
    }

    func candidates(
        after state: SearchState, memory: inout NoMemory, using generator: inout CounterGenerator
    ) -> CandidateSource {
        let population = state.population
        let ranks = ranks(of: population.map(\.fitness), bins: settings.bins ?? state.parameters.population)
        let count = max(ranks.count { $0 == 0 }, population.count / 4, 2)
        let order = population.indices.sorted { (ranks[$0], $0) < (ranks[$1], $1) }
        return variation.children(of: order.prefix(count).map { population[$0].genome })
    }

    func survivors(of candidates: [SearchMember], count: Int, memory: inout NoMemory) -> [Int] {
        let ranks = ranks(of: candidates.map(\.fitness), bins: settings.bins ?? count)
        return candidates.indices.sorted { (ranks[$0], $0) < (ranks[$1], $1) }.prefix(count).sorted()
    }

    /// All that are as far back in their bins as the last survivors: whoever is further back is behind the same ones as it gets
    /// worse. Nil where bins are cut by what is measured.
    func deciding(among candidates: [SearchMember], count: Int, after state: SearchState, memory: NoMemory) -> Set<Int>?
    {
        if let member = candidates.first(where: { $0.fitness.objectives.count > 1 }),
            (space as? any ForeseeingSpace)?.foreseen(member.genome).objectives[1] == nil
        {
            return nil
        }
        let ranks = ranks(of: candidates.map(\.fitness), bins: settings.bins ?? count)
        guard ranks.count > count else { return Set(candidates.indices) }
        let last = ranks.sorted()[count - 1]
        return Set(candidates.indices.filter { ranks[$0] <= last })
    }

    /// The place of each candidate in its bin, 0 for the best; infeasible ones are behind all others, by their violation.
    private func ranks(of candidates: [Fitness], bins: Int) -> [Int] {
        let order = candidates.indices.sorted { left, right in
            let (first, second) = (candidates[left].scalar, candidates[right].scalar)
            if first.dominates(second) { return true }
            return !second.dominates(first) && left < right
        }
        let costs = candidates.map { $0.isFeasible && $0.objectives.count > 1 ? $0.objectives[1] : nil }
        let low = costs.compactMap(\.self).min() ?? 0, high = costs.compactMap(\.self).max() ?? 0
        var ranks = [Int](repeating: 0, count: candidates.count)
        var filled: [Int: Int] = [:]
        for (place, index) in order.enumerated() {
            guard candidates[index].isFeasible else {
                ranks[index] = candidates.count + place
                continue
            }
            let share = high > low ? ((costs[index] ?? low) - low) / (high - low) : 0
            let bin = min(Int(share * Double(bins)), bins - 1)
            ranks[index] = filled[bin, default: 0]
            filled[bin, default: 0] += 1
        }
        return ranks
    }
}
