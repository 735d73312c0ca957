public import SearchSpaces

/// When rounds of search are due, and how large they are.
public struct RoundPlan: Sendable {
    let steps: Int
    let settings: SearchSettings

    /// The plan of a run.
    public init(_ specification: RunSpecification) {
        steps = specification.train.steps
        settings = specification.search
    }

    /// Steps between rounds; nil for none during training.
    private var every: Int? { settings.during?.every }

    /// The number of the round that a step brings, counted from 0; nil where none is due.
    func round(at step: Int) -> Int? {
        if step == steps { return last }
        guard let every, step > 0, step < steps, step % every == 0 else { return nil }
        return step / every - 1
    }

    /// The number of the round on the final weights.
    public var last: Int { every.map { (steps - 1) / $0 } ?? 0 }

    /// The budget of a round.
    public func evaluations(of round: Int) -> Int {
        round == last ? settings.evaluations : settings.during?.evaluations ?? settings.population
    }

    /// The budgets of all rounds.
    var evaluations: Int { (0...last).reduce(0) { $0 + evaluations(of: $1) } }
}
