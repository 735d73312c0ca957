import Runs
import SearchSpaces
import Tensors

/// What search algorithms differ in: which candidates come next, and which of the measured ones live on.
///
/// A ``Search`` asks the strategy and does everything else: budget, pending batch, survivors and seeds first, no genome
/// twice, exhaustion, checks, saving and resuming. A strategy is a value made of its settings and the space. What it
/// answers is a function of its arguments alone, so that a saved state continues as the saved one would have.
protocol SearchStrategy: Sendable {
    /// The settings of its own in run files.
    associatedtype Settings: SearchAlgorithmSettings
    /// What it keeps between generations besides the state.
    associatedtype Memory: StrategyMemory = NoMemory

    /// Whether it asks first what the caller suggests: the ends of the space, what the sampler holds for good.
    static var takesSeeds: Bool { get }

    init(_ settings: Settings, in space: any GenomeSpace)

    /// How many candidates the next generation has at most, 1 or more; those of a population by default.
    func batchSize(after state: SearchState) -> Int

    /// Where the candidates of the next generation come from; called once a generation, and only where survivors and
    /// seeds do not fill it.
    ///
    /// - Parameters:
    ///   - state: The population, and the archive of everything measured under these weights.
    ///   - memory: What it kept.
    ///   - generator: Random numbers, a function of (seed, round, generation).
    func candidates(
        after state: SearchState, memory: inout Memory, using generator: inout CounterGenerator
    ) -> CandidateSource

    /// The indices of the at most `count` candidates that become the population, ascending.
    ///
    /// - Parameter candidates: The population and after it the results of the generation, in ask order.
    func survivors(of candidates: [SearchMember], count: Int, memory: inout Memory) -> [Int]
}

extension SearchStrategy {
    static var takesSeeds: Bool { true }

    func batchSize(after state: SearchState) -> Int { state.parameters.population }
}

/// Proposes one canonical candidate; nil where it has none, which is then drawn uniformly.
///
/// A known candidate is passed over and the next one is taken, up to a number of tries.
typealias CandidateSource = (inout CounterGenerator) -> Proposal?

/// What a strategy keeps between generations, such as a predictor or reference points; part of the saved state.
protocol StrategyMemory: Sendable, Hashable, Codable {
    /// Before the first generation.
    init()
}

extension StrategyMemory {
    /// Whether another memory is of the same type and equal.
    func isEqual(to other: any StrategyMemory) -> Bool { (other as? Self) == self }
}

/// The memory of strategies that need none.
struct NoMemory: StrategyMemory {}
