import Runs
import SearchSpaces
import Tensors

/// AGE-MOEA: a population that is spread by distances which fit the shape of its own front.
///
/// Parents win tournaments by constraint domination of infeasible ones, then by front, then by the larger survival score.
/// Children come from uniform crossover and reset mutation. Survivors are whole fronts, and of the one that does not fit
/// those with the largest scores.
///
/// Source: Panichella, "An adaptive evolutionary algorithm based on non-Euclidean geometry for many-objective optimization"
/// (GECCO 2019).
struct AGEMOEA: SearchStrategy {
    private let variation: Variation

    init(_ settings: AGEMOEASettings, in space: any GenomeSpace) {
        variation = Variation(space: space, settings: settings.variation)
    }

    func candidates(
        after state: SearchState, memory: inout NoMemory, using generator: inout CounterGenerator
    ) -> CandidateSource {
        let fitness = state.population.map(\.fitness)
        var scores = [Double](repeating: 0, count: fitness.count), ranks = scores.map { _ in 0 }
        let feasible = fitness.indices.filter { fitness[$0].isFeasible }
        let points = feasible.map { fitness[$0].objectives }
        let fronts = NonDominatedSorting.fronts(of: feasible.map { fitness[$0] })
        if let first = fronts.first {
            let geometry = FrontGeometry(first.map { points[$0] })
            for (rank, front) in fronts.enumerated() {
                for (place, score) in zip(front, geometry.scores(of: front.map { points[$0] }, isFirst: rank == 0)) {
                    (ranks[feasible[place]], scores[feasible[place]]) = (rank, score)
                }
            }
        }
        return variation.children(of: state.population, ties: .drawn) { [scores, ranks] first, second in
            guard fitness[first].isFeasible, fitness[second].isFeasible else {
                return fitness[first].dominates(fitness[second])
            }
            return (ranks[first], -scores[first]) < (ranks[second], -scores[second])
        }
    }

    func survivors(of candidates: [SearchMember], count: Int, memory: inout NoMemory) -> [Int] {
        let noise = candidates.first(where: \.fitness.isFeasible)?.fitness.noise
        return Survival.feasibleFirst(candidates.map(\.fitness), count: count) { points, count in
            Self.survivors(of: points, noise: noise, count: count)
        }
    }

    func deciding(among candidates: [SearchMember], count: Int, after state: SearchState, memory: NoMemory) -> Set<Int>?
    {
        Survival.deciding(candidates.map(\.fitness), count: count)
    }

    /// The survivors among feasible points, as places.
    static func survivors(of points: [[Double]], noise: [Double]? = nil, count: Int) -> [Int] {
        let fronts = NonDominatedSorting.fronts(
            of: points.map { Fitness(objectives: $0, noise: noise) }, holding: count)
        return Survival.wholeFronts(fronts, count: count) { rank, _ in
            let front = fronts[rank], geometry = FrontGeometry(fronts[0].map { points[$0] })
            let scores = geometry.scores(of: front.map { points[$0] }, isFirst: rank == 0)
            return front.indices.sorted { (-scores[$0], $0) < (-scores[$1], $1) }.map { front[$0] }
        }
    }
}
