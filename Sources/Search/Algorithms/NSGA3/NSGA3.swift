import Runs
import SearchSpaces
import Tensors

/// NSGA-III: a population that is spread over directions of the objectives, for three of them and more.
///
/// Parents are random, or the one that violates less where either is infeasible. Children come from uniform crossover and reset
/// mutation. Survivors are whole fronts, and of the one that does not fit those whose reference directions have fewest.
///
/// Source: Deb and Jain, "An evolutionary many-objective optimization algorithm using reference-point-based nondominated
/// sorting approach, part I" (2014); constraints as in part II (Jain and Deb, 2014).
struct NSGA3: SearchStrategy {
    private let variation: Variation
    private let directions: Int?

    init(_ settings: NSGA3Settings, in space: any GenomeSpace) {
        variation = Variation(space: space, settings: settings.variation)
        directions = settings.directions
    }

    func candidates(
        after state: SearchState, memory: inout NicheMemory, using generator: inout CounterGenerator
    ) -> CandidateSource {
        memory.coin = generator.next()
        let fitness = state.population.map(\.fitness)
        return variation.children(of: state.population, ties: .drawn) { first, second in
            fitness[first].isConstrained(beating: fitness[second])
        }
    }

    func survivors(of candidates: [SearchMember], count: Int, memory: inout NicheMemory) -> [Int] {
        memory.survivors(of: candidates, count: count, directions: directions)
    }
}

/// U-NSGA-III: NSGA-III with parents that win tournaments, for any number of objectives.
///
/// Of two with the same direction the one of the earlier front wins, then the one closer to the line; others are equal.
///
/// Source: Seada and Deb, "A unified evolutionary optimization procedure for single, multiple, and many objectives" (2016).
struct UNSGA3: SearchStrategy {
    private let variation: Variation
    private let directions: Int?

    init(_ settings: UNSGA3Settings, in space: any GenomeSpace) {
        variation = Variation(space: space, settings: settings.variation)
        directions = settings.directions
    }

    func candidates(
        after state: SearchState, memory: inout NicheMemory, using generator: inout CounterGenerator
    ) -> CandidateSource {
        memory.coin = generator.next()
        let fitness = state.population.map(\.fitness)
        var ranks = [Int](repeating: 0, count: fitness.count)
        for (rank, front) in NonDominatedSorting.fronts(of: fitness).enumerated() {
            for index in front { ranks[index] = rank }
        }
        let dimensions = state.parameters.objectives
        let spread = ReferenceDirections.spread(directions ?? state.parameters.population, dimensions: dimensions)
        let scale = memory.scale
        let points = fitness.map { fitness in
            fitness.isFeasible && !scale.ideal.isEmpty
                ? scale.scaled(fitness.objectives) : [Double](repeating: 0, count: dimensions)
        }
        let niches = Niches(of: points, among: spread)
        return variation.children(of: state.population, ties: .drawn) { first, second in
            guard fitness[first].isFeasible, fitness[second].isFeasible else {
                return fitness[first].isConstrained(beating: fitness[second])
            }
            return niches.places[first] == niches.places[second]
                && (ranks[first], niches.distances[first]) < (ranks[second], niches.distances[second])
        }
    }

    func survivors(of candidates: [SearchMember], count: Int, memory: inout NicheMemory) -> [Int] {
        memory.survivors(of: candidates, count: count, directions: directions)
    }
}

extension Fitness {
    /// Whether this one is better by its constraints alone.
    fileprivate func isConstrained(beating other: Fitness) -> Bool {
        !(isFeasible && other.isFeasible) && dominates(other)
    }
}

extension NicheMemory {
    fileprivate mutating func survivors(of candidates: [SearchMember], count: Int, directions: Int?) -> [Int] {
        var generator = CounterGenerator(seed: coin, stream: .search, step: .max)
        return Survival.feasibleFirst(candidates.map(\.fitness), count: count) { points, chosen in
            let spread = ReferenceDirections.spread(directions ?? count, dimensions: points[0].count)
            return survivors(
                of: points, noise: candidates.first(where: \.fitness.isFeasible)?.fitness.noise, count: chosen,
                directions: spread, using: &generator)
        }
    }
}
