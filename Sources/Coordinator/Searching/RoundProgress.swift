internal import Runs
internal import Search
internal import SearchSpaces

/// How far a round of search is, while it runs.
final class RoundProgress {
    let number: Int
    /// The step of the weights.
    let step: Int
    /// The number of its first candidate.
    let base: Int
    let rule: FitnessRule
    let volumes: FrontVolume
    private let settings: SearchSettings
    var search: Search
    /// The front of what was told.
    private(set) var front: [Fitness]
    /// Its hypervolume; nil where nobody tells it while a round runs.
    private(set) var volume: Double?
    /// The numbers of candidates.
    var numbers: [Genome: Int]
    private let clock = ContinuousClock()
    private var looked: ContinuousClock.Instant

    init(
        number: Int, step: Int, base: Int, rule: FitnessRule, volumes: FrontVolume, settings: SearchSettings,
        search: Search, front: [Fitness]
    ) {
        self.number = number
        self.step = step
        self.base = base
        self.rule = rule
        self.volumes = volumes
        self.settings = settings
        self.search = search
        self.front = front
        volume = volumes.runningValue(of: front)
        let asked = search.state.archive.map(\.genome) + search.state.pending.map(\.genome)
        numbers = Dictionary(asked.enumerated().map { ($0.element, base + $0.offset) }) { first, _ in first }
        looked = clock.now
    }

    /// Adds candidates to the front; whether that changes it.
    func grow(by fitnesses: [Fitness]) -> Bool {
        let grown = Front.adding(fitnesses, to: front)
        guard grown != front else { return false }
        front = grown
        volume = volumes.runningValue(of: front)
        return true
    }

    /// Ends the search where a rule of the run file says so.
    func endByRules() {
        guard let rules = settings.stop, let goal = settings.objectives.leadingGoal else { return }
        let now = clock.now
        search.end(
            by: rules, best: best, goal: goal, hypervolume: front.isEmpty ? nil : volume,
            seconds: looked.duration(to: now) / .seconds(1))
        looked = now
    }

    /// The best value of the first objective, or the largest weighted sum.
    var best: Double? {
        guard let goal = settings.objectives.leadingGoal else { return nil }
        return front.compactMap(\.objectives.first).min().map { goal == .maximize ? -$0 : $0 }
    }
}
