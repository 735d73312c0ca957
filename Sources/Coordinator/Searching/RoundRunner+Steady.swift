internal import Runs
internal import Search
internal import SearchSpaces
internal import Store

/// Rounds that ask for new candidates while others are still being measured (`search.pending`).
extension RoundRunner {
    /// Runs a round to its end; false when asked to stop.
    ///
    /// Results become durable as they come, and are told one by one in ask order: what is asked does not depend on which came first.
    /// Who was asked before a stop and has no durable result is measured again.
    func runSteadily(_ round: RoundProgress) throws -> Bool {
        let slots = evaluator as? any SlottedEvaluator ?? TogetherEvaluator(evaluator)
        // What a saved state has pending was written before it was.
        let open = round.search.state.pending
        var lanes = SteadyLanes(next: round.base + round.search.state.asked - open.count)
        try begin(
            open.enumerated().map {
                candidate($0.element, number: lanes.next + $0.offset, round: round.number, step: round.step)
            }, &lanes, of: round, slots)
        while true {
            let pending = round.search.ask()
            if pending.isEmpty { return true }
            let new = round.base + round.search.state.asked - lanes.end
            if new > 0 { try begin(try write(pending.suffix(new), of: round), &lanes, of: round, slots) }
            while lanes.isWaiting {
                guard let finished = try slots.finished(), try keep(finished, &lanes, round) else { return false }
            }
            try tell(&lanes, round)
        }
    }

    /// Begins written candidates, the next ones in ask order; what was measured before a stop is taken as it is.
    private func begin(
        _ candidates: [Candidate], _ lanes: inout SteadyLanes, of round: RoundProgress, _ slots: any SlottedEvaluator
    ) throws {
        guard let first = candidates.first else { return }
        for result in try store.candidates(run, after: first.number - 1, limit: candidates.count)
        where evaluator.isSearched(result) {
            lanes.results[result.candidate.number] = .init(
                told: round.rule.told(result), exact: round.rule.fitness(result), evaluation: nil)
        }
        lanes.candidates += candidates
        try slots.begin(candidates.filter { lanes.results[$0.number] == nil }, at: .search)
    }

    /// Makes results durable; false when asked to stop.
    private func keep(
        _ finished: [FinishedMeasurement], _ lanes: inout SteadyLanes, _ round: RoundProgress
    ) throws -> Bool {
        guard let latencies = try latencies(of: finished.compactMap { lanes.candidate($0.number) }) else {
            return false
        }
        let rule = round.rule.knowing(latencies)
        var rows: [CandidateMeasurement] = []
        for measurement in finished {
            guard let candidate = lanes.candidate(measurement.number), lanes.results[candidate.number] == nil else {
                continue
            }
            let judged = judged(candidate, measurement.outcome, latencies[candidate.genome], rule)
            lanes.results[candidate.number] = .init(
                told: judged.told, exact: judged.exact, evaluation: (measurement.seconds, measurement.together))
            rows += judged.rows
        }
        try store.recordMeasurements(run, rows, time: context.now)
        return true
    }

    /// Tells what has come of the first pending candidates, as many as are due before others are asked.
    private func tell(_ lanes: inout SteadyLanes, _ round: RoundProgress) throws {
        var evaluations: [CandidateEvaluation] = []
        while round.search.due > 0, let candidate = lanes.candidates.first,
            let result = lanes.results.removeValue(forKey: candidate.number)
        {
            lanes.candidates.removeFirst()
            lanes.next = candidate.number + 1
            _ = round.grow(by: [result.exact])
            evaluations.append(
                CandidateEvaluation(
                    candidate: candidate.number, hypervolume: round.volume, seconds: result.evaluation?.seconds,
                    together: result.evaluation?.together))
            try round.search.tell([SearchMember(genome: candidate.genome, fitness: result.told)])
            round.endByRules()
        }
        try store.recordMeasurements(run, [], evaluations: evaluations, time: context.now)
        try save(round, hypervolume: round.volume, isOver: false)
        context.report(
            .searched(
                round: round.number, evaluations: lanes.next - round.base, of: plan.evaluations(of: round.number),
                best: round.best))
    }
}

/// The candidates that were asked and not told, in ask order, and what came of them.
private struct SteadyLanes {
    struct Result {
        let told: Fitness
        let exact: Fitness
        let evaluation: (seconds: Double, together: Int)?
    }

    /// The number of the first candidate that is not told.
    var next: Int
    var candidates: [Candidate] = []
    var results: [Int: Result] = [:]

    init(next: Int) { self.next = next }

    /// The number after the last candidate that was begun.
    var end: Int { next + candidates.count }

    /// Whether nothing is known of the first one.
    var isWaiting: Bool { candidates.first.map { results[$0.number] == nil } ?? false }

    func candidate(_ number: Int) -> Candidate? {
        let place = number - next
        return candidates.indices.contains(place) ? candidates[place] : nil
    }
}
