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

    /// How many candidates the next generation has, at least 1; by default as many as the population has members.
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

    /// Which candidates' results must be exact for the right ones to live on and the right questions to follow; nil where all must,
    /// since the strategy learns from losers too.
    ///
    /// Some of the candidates may come with the best fitness that they can still come to. Where none of those is in the answer,
    /// it is a promise: whatever they come to that is no better, ``survivors(of:count:memory:)``, what it remembers and all later
    /// candidates stay the same.
    ///
    /// - Parameters:
    ///   - candidates: The population and after it the results of the generation, in ask order.
    ///   - state: Before the generation is told.
    func deciding(among candidates: [SearchMember], count: Int, after state: SearchState, memory: Memory) -> Set<Int>?
}

extension SearchStrategy {
    static var takesSeeds: Bool { true }

    func batchSize(after state: SearchState) -> Int { state.parameters.population }

    func deciding(among candidates: [SearchMember], count: Int, after state: SearchState, memory: Memory) -> Set<Int>? {
        nil
    }
}

/// Proposes one canonical candidate; nil where it has none, which is then drawn uniformly.
///
/// A known candidate is passed over and the next one is taken, up to a number of tries; one outside of a tight window of
/// cost is moved into it first (``CostRepair``). ``SearchState/isKnown(_:)`` says which are known.
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
