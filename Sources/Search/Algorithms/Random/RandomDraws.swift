import Runs
import SearchSpaces
import Tensors

/// Uniform draws over option indices, in canonical form and without repetition: the baseline of every search.
///
/// The population keeps the best by front and crowding, and steers nothing.
///
/// Source: Li and Talwalkar, "Random search and reproducibility for neural architecture search" (2019).
struct RandomDraws: SearchStrategy {
    /// The baseline of random draws stays pure.
    static let takesSeeds = false

    init(_ settings: RandomSettings, in space: any GenomeSpace) {}

    func candidates(
        after state: SearchState, memory: inout NoMemory, using generator: inout CounterGenerator
    ) -> CandidateSource {
        { _ in nil }
    }

    func survivors(of candidates: [SearchMember], count: Int, memory: inout NoMemory) -> [Int] {
        Survival.byFrontAndCrowding(candidates.map(\.fitness), count: count)
    }

    func deciding(among candidates: [SearchMember], count: Int, after state: SearchState, memory: NoMemory) -> Set<Int>?
    {
        Survival.deciding(candidates.map(\.fitness), count: count)
    }
}
