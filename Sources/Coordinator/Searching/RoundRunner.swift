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
    let context: RunContext
    let evaluator: any CandidateEvaluator
    /// What measurements are stopped by; nil where none is.
    private let race: Race?

    init(context: RunContext, evaluator: any CandidateEvaluator) {
        self.context = context
        self.evaluator = evaluator
        race = context.specification.search?.racing.flatMap { Race($0, by: evaluator) }
    }

    var store: RunStore { context.store }
    var run: RunID { context.run }
    var inputs: RunInputs { context.inputs }
    var plan: RoundPlan { context.plan }
    /// The space with what is known of every candidate beforehand.
    private var searched: PricedSpace {
        let specification = inputs.specification
        return PricedSpace(
            inputs.space, objectives: specification.objectives, constraints: specification.constraints,
            foreseen: foreseen)
    }

    /// What is known of candidates beforehand beside their costs.
    private var foreseen: ForeseenMetric? { context.latency?.known?.foreseen }

    /// Runs or continues the round of a step.
    ///
    /// - Parameters:
    ///   - round: Its number.
    ///   - survivors: The population of the round before, which is measured anew.
    ///   - picks: Architectures that the sampler holds for good.
    /// - Returns: The state after the last generation, or nil when asked to stop.
    /// - Throws: `CoordinatorError.nothingFeasible` after the last round, which is then open for more evaluations.
    func finish(round: Int, survivors: [Genome], picks: [Genome] = []) throws -> RoundState? {
        guard let settings = inputs.specification.search else { return nil }
        let step = context.step
        let stored = try store.loadRound(run, round: round)
        if let stored, stored.state == .completed {
            return RoundState(round: round, state: try SearchState(json: Data(stored.searchState.utf8)))
        }
        let base = try store.firstCandidate(run, of: round)
        let rule = FitnessRule(inputs.specification)
        let search: Search
        if let stored, stored.evaluations > 0 {
            search = try resume(stored, from: base, rule)
        } else {
            search = try start(settings, round: round, survivors: survivors, picks: picks)
        }
        // What was measured of a generation that was cut short is told once more.
        let told = base + search.state.asked - search.state.pending.count
        let before = try store.bulk.candidates(run, weightsStep: step).filter { $0.candidate.number < told }
        let front = Front.adding(before.map(rule.fitness), to: [])
        let specification = inputs.specification
        let volumes = FrontVolume(
            objectives: specification.objectives, space: inputs.space,
            measured: evaluator.metrics(at: .search) + [context.latency?.known?.metric].compactMap(\.self),
            task: specification.evaluator.settings.needsTraining
                ? specification.task(in: inputs.space) : nil)
        let progress = RoundProgress(
            number: round, step: step, base: base, rule: rule, volumes: volumes, settings: settings, search: search,
            front: front)
        guard try search.state.parameters.pending == nil ? runByGenerations(progress) : runSteadily(progress) else {
            return nil
        }
        let state = progress.search.state
        if let ending = state.ending {
            context.report(
                .notice(
                    "round \(round) ended by search.stop.\(ending.rawValue) after \(state.asked) of "
                        + "\(plan.evaluations(of: round)) evaluations"
                ))
        }
        if progress.front.isEmpty, round == plan.last { throw try nothingFeasible(step: step, rule) }
        guard try round != plan.last || settleFinalists(step: step, rule) else { return nil }
        let volume = progress.volume ?? volumes.value(of: progress.front)
        try save(progress, hypervolume: volume, isOver: true)
        return RoundState(round: round, state: state)
    }

    /// Runs a round generation by generation to its end; false when asked to stop.
    private func runByGenerations(_ round: RoundProgress) throws -> Bool {
        while true {
            let batch = round.search.ask()
            if batch.isEmpty { return true }
            let candidates = try write(batch[...], of: round)
            let before = (front: round.front, volume: round.volume)
            let results = try results(of: candidates, in: round.search, front: before.front, round.rule) { fitnesses in
                var curve = round.volumes.curve(of: fitnesses, after: before.front, before.volume)
                // The end of a generation is what its round says of it, to the last digit.
                if round.grow(by: fitnesses) { curve[curve.endIndex - 1] = round.volume }
                return curve
            }
            guard let results else { return false }
            try round.search.tell(results)
            round.endByRules()
            try save(round, hypervolume: round.volume, isOver: false)
            context.report(
                .searched(
                    round: round.number, evaluations: round.search.state.asked, of: plan.evaluations(of: round.number),
                    best: round.best))
        }
    }

    /// Writes candidates that are asked, the last ones so far, with why they are.
    func write(_ batch: ArraySlice<Proposal>, of round: RoundProgress) throws -> [Candidate] {
        let number = round.base + round.search.state.asked - batch.count
        let candidates = batch.enumerated().map { index, proposal in
            candidate(proposal, number: number + index, round: round.number, step: round.step)
        }
        let reasons = try zip(batch, candidates).map { proposal, candidate in
            try reason(proposal, candidate, generation: round.search.state.generation, round.numbers)
        }
        try store.appendCandidates(run, candidates, reasons: reasons)
        for candidate in candidates { round.numbers[candidate.genome] = candidate.number }
        return candidates
    }

    /// The fitness of each candidate, measured and written, or as it was written before a stop; nil when asked to stop.
    ///
    /// - Parameter curve: The hypervolume after each of them.
    private func results(
        of candidates: [Candidate], in search: Search, front: [Fitness], _ rule: FitnessRule,
        curve: ([Fitness]) -> [Double?]
    ) throws -> [SearchMember]? {
        let first = candidates.first?.number ?? 1
        var known: [Int: CandidateResult] = [:]
        for result in try store.candidates(run, after: first - 1, limit: candidates.count)
        where evaluator.isSearched(result) {
            known[result.candidate.number] = result
        }
        if evaluator.dependsOnGeneration || race != nil, known.count < candidates.count { known = [:] }
        let open = candidates.filter { known[$0.number] == nil }
        var fitnesses = known.mapValues(rule.told), exact = known.mapValues(rule.fitness)
        var rows: [CandidateMeasurement] = [], seconds: Double?
        if !open.isEmpty {
            let clock = ContinuousClock(), begin = clock.now
            guard let latencies = try latencies(of: open) else { return nil }
            let rule = rule.knowing(latencies)
            let measured =
                try race.map { try $0.measure(open, in: search, front: front, rule) }
                ?? evaluator.measure(open.map(\.genome), at: .search)
            guard let measured else { return nil }
            seconds = begin.duration(to: clock.now) / .seconds(open.count)
            for (candidate, outcome) in zip(open, measured) {
                let judged = judged(candidate, outcome, latencies[candidate.genome], rule)
                rows += judged.rows
                fitnesses[candidate.number] = judged.told
                exact[candidate.number] = judged.exact
            }
        }
        let all = candidates.map { fitnesses[$0.number] ?? .failed }
        // What might have been adds nothing to the curve; whoever is on the front in the end is measured.
        let volumes = curve(candidates.map { exact[$0.number] ?? .failed })
        let evaluations = zip(candidates, volumes).map { candidate, volume in
            CandidateEvaluation(
                candidate: candidate.number, hypervolume: volume,
                seconds: known[candidate.number] == nil ? seconds : nil,
                together: known[candidate.number] == nil ? open.count : nil)
        }
        try store.recordMeasurements(run, rows, evaluations: evaluations, time: context.now)
        return zip(candidates, all).map { SearchMember(genome: $0.genome, fitness: $1) }
    }

    /// The latencies of candidates that the evaluator does not tell, where they are known; nil when asked to stop.
    func latencies(of candidates: [Candidate]) throws -> [Genome: Double]? {
        guard let latency = context.latency else { return [:] }
        let genomes = candidates.map(\.genome)
        return try latency.milliseconds(of: genomes).map { values in
            Dictionary(zip(genomes, values).compactMap { genome, value in value.map { (genome, $0) } }) { first, _ in
                first
            }
        }
    }

    /// What a measurement comes to: its fitness as the search is told it, the one that counts for the front, and what is kept.
    ///
    /// - Parameter latency: In milliseconds; nil where it is not known, without which a search that goes by it can do nothing with the
    ///   rest.
    func judged(
        _ candidate: Candidate, _ measured: CandidateOutcome, _ latency: Double?, _ rule: FitnessRule
    ) -> (told: Fitness, exact: Fitness, rows: [CandidateMeasurement]) {
        let kind = context.latency?.kind
        let outcome = kind == nil || latency != nil ? measured : .failed(reason: "missing latency")
        let fitness = rule.fitness(candidate, outcome)
        var rows = evaluator.rows(of: candidate, outcome, at: .search)
        if let kind, let latency, !outcome.isFailed {
            rows.append(
                CandidateMeasurement(
                    candidate: candidate.number, kind: .latency(kind.rawValue), value: latency, samples: 0))
        }
        return (fitness, outcome.isStopped ? .failed : fitness, rows)
    }

    /// Why a candidate is asked, in numbers of candidates and in units of metrics.
    ///
    /// - Parameter numbers: Those of the candidates of the round so far.
    private func reason(
        _ proposal: Proposal, _ candidate: Candidate, generation: Int, _ numbers: [Genome: Int]
    ) throws -> CandidateReason {
        var parents = proposal.reason.parents.compactMap { numbers[$0] }
        if proposal.origin == .elite, candidate.round > 0 {
            parents = try store.candidateNumber(run, round: candidate.round - 1, key: candidate.key).map { [$0] } ?? []
        }
        let objectives = inputs.specification.objectives
        let axes =
            objectives.areWeighted
            ? [("weightedSum", Objective.Goal.maximize)] : objectives.map { ($0.metric.name, $0.goal) }
        let predictions = zip(axes, proposal.reason.predictions).compactMap { axis, prediction in
            prediction.map {
                CandidateReason.Prediction(
                    metric: axis.0, mean: axis.1 == .maximize ? 0 - $0.mean : $0.mean, spread: $0.spread)
            }
        }
        return CandidateReason(
            candidate: candidate.number, generation: generation, parents: parents,
            aim: proposal.reason.aim?.rawValue, isRepaired: proposal.reason.isRepaired, predictions: predictions)
    }

    /// Measures to the end who was stopped and might be a finalist; false when asked to stop.
    private func settleFinalists(step: Int, _ rule: FitnessRule) throws -> Bool {
        guard race != nil else { return true }
        while true {
            let open = Finalists(rule: rule).open(
                inputs.specification.finalists, among: try store.bulk.candidates(run, weightsStep: step)
            ).map(\.candidate)
            if open.isEmpty { return true }
            guard let outcomes = try evaluator.measure(open.map(\.genome), at: .search) else { return false }
            try store.recordMeasurements(
                run, zip(open, outcomes).flatMap { evaluator.rows(of: $0, $1, at: .search) }, time: context.now)
        }
    }

    /// How far what was measured on the weights of a step is from what was asked for, and why others were not measured.
    private func nothingFeasible(step: Int, _ rule: FitnessRule) throws(StoreError) -> CoordinatorError {
        let candidates = try store.bulk.candidates(run, weightsStep: step)
        let closest = candidates.map { (number: $0.candidate.number, fitness: rule.told($0)) }
            .filter { !$0.fitness.isFailed }
            .sorted { ($0.fitness.violation, $0.number) < ($1.fitness.violation, $1.number) }.prefix(3)
        return .nothingFeasible(
            candidates: candidates.count, closest: closest.map(\.number), violations: closest.map(\.fitness.violation),
            failures: CandidateFailures.counted(candidates.compactMap(\.failureReason)))
    }

    private func start(
        _ settings: SearchSettings, round: Int, survivors: [Genome], picks: [Genome]
    ) throws -> Search {
        let parameters = SearchParameters(
            population: settings.population, evaluations: plan.evaluations(of: round),
            objectives: settings.objectives.axes, seed: UInt64(inputs.specification.seed), round: round,
            pending: evaluator.dependsOnGeneration ? nil : settings.pending)
        // The ends of the space anchor the first front.
        let ends = survivors.isEmpty ? [inputs.space.smallest, inputs.space.largest] : []
        let seeds = try settings.seeds.map { try inputs.space.genome(text: $0) }
        return try Search(
            settings.algorithm, in: searched, parameters: parameters,
            from: SearchStart(survivors: survivors, seeds: ends + picks + (survivors.isEmpty ? seeds : [])),
            repair: repair)
    }

    /// What moves candidates into tight windows of their costs; nil where none is tight.
    private var repair: CostRepair? {
        CostRepair(inputs.space, keeping: inputs.specification.constraints, foreseen: foreseen)
    }

    /// The search of a round that was cut short; its candidates tell what it knows.
    private func resume(_ stored: SearchRound, from base: Int, _ rule: FitnessRule) throws -> Search {
        let state = try SearchState(json: Data(stored.searchState.utf8))
        let told = try store.candidates(run, after: base - 1, limit: state.asked - state.pending.count)
        guard told.count == state.asked - state.pending.count, told.allSatisfy({ $0.candidate.round == stored.round })
        else {
            throw StoreError.corrupt(path: "round \(stored.round) of run \(run)", detail: "candidates are missing")
        }
        let results = told.map { SearchMember(genome: $0.candidate.genome, fitness: rule.told($0)) }
        return try Search(
            resuming: state.withArchive(told: results).withBudget(plan.evaluations(of: stored.round)), in: searched,
            repair: state.isRepairing ? repair : nil)
    }

    func candidate(_ proposal: Proposal, number: Int, round: Int, step: Int) -> Candidate {
        let space = inputs.space
        return Candidate(
            number: number, key: space.key(of: proposal.genome), genomeText: space.text(of: proposal.genome),
            genome: proposal.genome, origin: proposal.origin.rawValue, round: round, weightsStep: step,
            cost: space.cost(of: proposal.genome))
    }

    /// Writes how far a round is.
    func save(_ round: RoundProgress, hypervolume: Double?, isOver: Bool) throws {
        let state = round.search.state
        try store.saveRound(
            run,
            SearchRound(
                round: round.number, weightsStep: round.step, state: isOver ? .completed : .running,
                searchState: String(decoding: try state.json(), as: UTF8.self), evaluations: state.asked,
                hypervolume: hypervolume))
    }
}
