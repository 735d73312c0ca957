internal import Logging
internal import Runs
internal import SearchSpaces
internal import Store

/// The rounds of search of a run, each on the weights that there are by then.
struct SearchPhase {
    let context: RunContext
    let evaluator: any CandidateEvaluator

    /// Runs a round to its end; false when asked to stop.
    ///
    /// - Parameter picks: Architectures that the sampler holds for good.
    func run(round: Int, picks: [Genome]) throws -> Bool {
        if try context.store.loadRound(context.run, round: round)?.state != .completed {
            if context.state == .validating { try context.change(to: .training) }
            try context.change(to: .searching)
        }
        let runner = RoundRunner(context: context, evaluator: evaluator)
        guard let state = try runner.finish(round: round, survivors: context.search?.survivors ?? [], picks: picks)
        else { return false }
        context.search = state
        try tell(state)
        return true
    }

    /// The events of a finished round.
    private func tell(_ state: RoundState) throws {
        let round = state.round, store = context.store, run = context.run, step = context.step
        var data: [String: EventData] = [
            "round": .number(round), "weightsStep": .number(step), "evaluations": .number(state.evaluations),
        ]
        if let volume = try store.loadRound(run, round: round)?.hypervolume { data["hypervolume"] = .real(volume) }
        try context.append(EventDraft(.searchRound, data: EventData.object(data), key: "round-\(round)"))
        let front = try store.bulk.front(
            run, weightsStep: step, objectives: context.specification.objectives,
            constraints: context.specification.constraints)
        let members = EventData.object([
            "round": .number(round), "weightsStep": .number(step),
            "candidates": .list(front.prefix(1000).map { .number($0.candidate.number) }),
        ])
        try context.append(EventDraft(.searchFront, data: members, key: "front-\(round)"))
        context.log.info(
            "round", metadata: ["round": .stringConvertible(round), "front": .stringConvertible(front.count)])
    }
}
