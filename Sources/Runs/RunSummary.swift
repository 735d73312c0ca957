/// What lists show of a run's settings, and what its rounds follow from: kept beside the run, so that no list reads documents.
public struct RunSummary: Sendable, Hashable {
    /// The name of the space.
    public let space: String
    /// Training steps; 0 for a run that trains nothing, or whose budget is open.
    public let steps: Int
    /// Steps between rounds of search; nil for none during training, and as long as a budget is open.
    public let every: Int?
    /// Evaluations of such a round.
    public let evaluationsDuring: Int
    /// Evaluations of the last round; 0 for a run that searches nothing.
    public let evaluations: Int

    /// The summary of a run.
    public init(_ specification: RunSpecification) {
        let search = specification.search
        space = specification.space
        steps = specification.steps
        every = specification.steps > 0 ? search?.during?.every : nil
        evaluationsDuring = search.map { $0.during?.evaluations ?? $0.population } ?? 0
        evaluations = search?.evaluations ?? 0
    }

    /// Reads what ``text`` gives; nil for anything else.
    public init?(text: String) {
        let fields = text.split(separator: " ", maxSplits: 4, omittingEmptySubsequences: false)
        guard fields.count == 5, let steps = Int(fields[0]), let every = Int(fields[1]),
            let evaluationsDuring = Int(fields[2]), let evaluations = Int(fields[3]), steps >= 0, every >= 0,
            every == 0 || steps > 0
        else { return nil }
        self.steps = steps
        self.every = every == 0 ? nil : every
        self.evaluationsDuring = evaluationsDuring
        self.evaluations = evaluations
        space = String(fields[4])
    }

    /// The numbers and the name on one line.
    public var text: String { "\(steps) \(every ?? 0) \(evaluationsDuring) \(evaluations) \(space)" }
}
