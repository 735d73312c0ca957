internal import Foundation
internal import Runs
internal import Search
internal import SearchSpaces
internal import Store
internal import Training

/// Runs one round of search to its end, generation by generation, each durable before the next is asked.
///
/// A generation's candidates, its measurements and the state after it are written in this order. A round that was cut
/// short asks the same generation again, since its random numbers are a function of (seed, round, generation), and
/// repeats the writes, which changes nothing.
struct RoundRunner {
    let store: RunStore
    let run: RunID
    let inputs: RunInputs
    let measurer: CandidateMeasurer
    let plan: RoundPlan
    /// What the run's candidates are measured by.
    let metrics: RunMetrics
    let report: (RunProgress) -> Void

    private var settings: SearchSettings { inputs.specification.search }

    /// Runs or continues the round of a step.
    ///
    /// - Parameters:
    ///   - round: Its number.
    ///   - step: The step of the weights.
    ///   - survivors: The population of the round before, which is measured anew.
    ///   - picks: Architectures that the sampler holds for good.
    /// - Returns: The state after the last generation, or nil when asked to stop.
    /// - Throws: `CoordinatorError.nothingFeasible` after the last round, which is then open for more evaluations.
    func finish(round: Int, step: Int, survivors: [Genome], picks: [Genome] = []) throws -> RoundState? {
        let stored = try store.loadRound(run, round: round)
        if let stored, stored.state == .completed {
            return RoundState(round: round, state: try SearchState(json: Data(stored.searchState.utf8)))
        }
        let base = try store.firstCandidate(run, of: round)
        let rule = FitnessRule(settings)
        var search: Search
        if let stored, stored.evaluations > 0 {
            search = try resume(stored, from: base, rule)
        } else {
            search = try start(round: round, survivors: survivors, picks: picks)
        }
        var front = Self.front(try store.bulk.candidates(run, weightsStep: step).map(rule.fitness))
        let budget = plan.evaluations(of: round)
        while true {
            let batch = search.ask()
            if batch.isEmpty { break }
            let number = base + search.state.asked - batch.count
            let candidates = batch.enumerated().map { index, proposal in
                candidate(proposal, number: number + index, round: round, step: step)
            }
            try store.appendCandidates(run, candidates)
            guard let results = try results(of: candidates, rule) else { return nil }
            try search.tell(results)
            front = Self.front(front + results.map(\.fitness))
            try save(search, front, round: round, step: step, isOver: false)
            report(.searched(round: round, evaluations: search.state.asked, of: budget, best: best(front)))
        }
        if front.isEmpty, round == plan.last { throw try nothingFeasible(step: step, rule) }
        try save(search, front, round: round, step: step, isOver: true)
        return RoundState(round: round, state: search.state)
    }

    /// The fitness of each candidate, measured and written, or as it was written before a stop; nil when asked to stop.
    private func results(
        of candidates: [Candidate], _ rule: FitnessRule
    ) throws -> [SearchMember]? {
        let first = candidates.first?.number ?? 1
        let stored = try store.candidates(run, after: first - 1, limit: candidates.count)
        if stored.count == candidates.count,
            stored.allSatisfy({ result in qualities.allSatisfy { result.measurement(of: $0) != nil } })
        {
            return stored.map { SearchMember(genome: $0.candidate.genome, fitness: rule.fitness($0)) }
        }
        guard let evaluations = try measurer.validate(candidates.map(\.genome), samples: settings.samples) else {
            return nil
        }
        try store.recordMeasurements(run, zip(candidates, evaluations).flatMap(measurements), time: Timestamp(Date()))
        return zip(candidates, evaluations).map { SearchMember(genome: $0.genome, fitness: rule.fitness($0, $1)) }
    }

    /// How far what was measured on the weights of a step is from what was asked for.
    private func nothingFeasible(step: Int, _ rule: FitnessRule) throws(StoreError) -> CoordinatorError {
        let candidates = try store.bulk.candidates(run, weightsStep: step)
        let closest = candidates.map { (number: $0.candidate.number, fitness: rule.fitness($0)) }
            .filter { !$0.fitness.isFailed }
            .sorted { ($0.fitness.violation, $0.number) < ($1.fitness.violation, $1.number) }.prefix(3)
        return .nothingFeasible(
            candidates: candidates.count, closest: closest.map(\.number), violations: closest.map(\.fitness.violation))
    }

    /// The feasible fitnesses that no other dominates.
    private static func front(_ all: [Fitness]) -> [Fitness] { Front.indices(of: all).map { all[$0] } }

    private func start(round: Int, survivors: [Genome], picks: [Genome]) throws(SearchError) -> Search {
        let parameters = SearchParameters(
            population: settings.population, evaluations: plan.evaluations(of: round),
            objectives: settings.objectives.count, seed: UInt64(inputs.specification.seed), round: round)
        // The ends of the space anchor the first front.
        let ends = survivors.isEmpty ? [inputs.space.smallest, inputs.space.largest] : []
        return try Search(
            settings.algorithm, in: inputs.space, parameters: parameters,
            from: SearchStart(survivors: survivors, seeds: ends + picks))
    }

    /// The search of a round that was cut short; its candidates tell what it knows.
    private func resume(_ stored: SearchRound, from base: Int, _ rule: FitnessRule) throws -> Search {
        let state = try SearchState(json: Data(stored.searchState.utf8))
        let told = try store.candidates(run, after: base - 1, limit: state.asked - state.pending.count)
        guard told.count == state.asked - state.pending.count, told.allSatisfy({ $0.candidate.round == stored.round })
        else {
            throw StoreError.corrupt(path: "round \(stored.round) of run \(run)", detail: "candidates are missing")
        }
        let results = told.map { SearchMember(genome: $0.candidate.genome, fitness: rule.fitness($0)) }
        return try Search(
            resuming: state.withArchive(told: results).withBudget(plan.evaluations(of: stored.round)), in: inputs.space)
    }

    private func candidate(_ proposal: Proposal, number: Int, round: Int, step: Int) -> Candidate {
        let space = inputs.space
        return Candidate(
            number: number, key: space.key(of: proposal.genome), genomeText: space.text(of: proposal.genome),
            genome: proposal.genome, origin: proposal.origin.rawValue, round: round, weightsStep: step,
            cost: space.cost(of: proposal.genome))
    }

    private var qualities: [Metric] { metrics.measured.filter { $0.kind == .quality } }

    private func measurements(_ candidate: Candidate, _ evaluation: Evaluation) -> [CandidateMeasurement] {
        qualities.map { metric in
            CandidateMeasurement(
                candidate: candidate.number, kind: MeasurementKind(metric), value: evaluation[metric],
                samples: evaluation.samples)
        }
    }

    private func save(_ search: Search, _ front: [Fitness], round: Int, step: Int, isOver: Bool) throws {
        let volume = FrontVolume(objectives: settings.objectives, space: inputs.space)
        try store.saveRound(
            run,
            SearchRound(
                round: round, weightsStep: step, state: isOver ? .completed : .running,
                searchState: String(decoding: try search.state.json(), as: UTF8.self),
                evaluations: search.state.asked, hypervolume: volume.value(of: front)))
    }

    /// The best value of the first objective.
    private func best(_ front: [Fitness]) -> Double? {
        guard let objective = settings.objectives.first else { return nil }
        return front.compactMap(\.objectives.first).min().map { objective.goal == .maximize ? -$0 : $0 }
    }
}
