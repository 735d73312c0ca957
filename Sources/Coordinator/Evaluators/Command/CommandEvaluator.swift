internal import Foundation
internal import Runs
internal import SearchSpaces
internal import Store

/// Asks processes of the user's own what architectures come to.
///
/// An answer counts once it is in the store, and what is there is never asked again: after a kill only what was on its way is asked
/// once more. Answers come in any order, and are told in the order of asking.
final class CommandEvaluator: SlottedEvaluator {
    private let space: SearchSpace
    private let settings: CommandEvaluatorSettings
    private let stages: [MeasurementStage: [Metric]]
    /// What objectives and constraints are about.
    private let needed: Set<Metric>
    private let control: RunControl
    private let means: WorkerMeans
    private let given: EvaluatorMeans
    /// What was asked and has no answer, by the number that it was asked with.
    private var open: [Int: Asked] = [:]
    /// What was asked and had an answer in the store.
    private var ready: [FinishedMeasurement] = []

    private struct Asked {
        let number: Int
        let genome: Genome
        let stage: MeasurementStage
    }

    init(_ settings: CommandEvaluatorSettings, _ given: EvaluatorMeans, _ means: WorkerMeans) {
        let specification = given.inputs.specification
        self.settings = settings
        self.given = given
        self.means = means
        space = given.inputs.space
        control = given.control
        needed = Set(specification.objectives.map(\.metric) + specification.constraints.map(\.metric))
        stages = Dictionary(
            uniqueKeysWithValues: MeasurementStage.ofEvaluators.map { stage in
                (stage, given.metrics.metrics(at: stage).filter { !given.metrics.costs.contains($0) })
            })
    }

    func metrics(at stage: MeasurementStage) -> [Metric] { stages[stage] ?? [] }

    var latencyKind: String? { MeasurementKind.answered }

    func measure(_ genomes: [Genome], at stage: MeasurementStage) throws -> [CandidateOutcome]? {
        var outcomes: [Int: CandidateOutcome] = [:]
        try begin(genomes.enumerated().map { Asked(number: $0.offset, genome: $0.element, stage: stage) })
        while outcomes.count < genomes.count {
            guard let finished = try finished() else { return nil }
            for one in finished { outcomes[one.number] = one.outcome }
        }
        return genomes.indices.map { outcomes[$0] ?? .failed(reason: "no answer") }
    }

    func begin(_ candidates: [Candidate], at stage: MeasurementStage) throws {
        try begin(candidates.map { Asked(number: $0.number, genome: $0.genome, stage: stage) })
    }

    /// Asks whatever has no durable answer yet.
    private func begin(_ asked: [Asked]) throws {
        let questions = asked.map(question)
        let known = try means.keptAnswers(to: questions.map(\.text))
        for (one, question) in zip(asked, questions) {
            if let answer = known[question.text] {
                let outcome = answer.outcome(metrics(at: one.stage))
                ready.append(FinishedMeasurement(number: one.number, outcome: outcome, seconds: 0, together: 1))
            } else {
                open[one.number] = one
                try startedPool().ask(one.number, question.request)
            }
        }
    }

    /// What has come, once it is in the store.
    func finished() throws -> [FinishedMeasurement]? {
        if !ready.isEmpty {
            defer { ready = [] }
            return ready
        }
        guard !open.isEmpty else { return [] }
        guard let finished = try startedPool().finished(shouldStop: { [control] in control.isAsked }) else {
            open = [:]
            return nil
        }
        let kept = finished.compactMap { one in
            open.removeValue(forKey: one.number).map { (one, $0, keptAnswer(one.answer, at: $0.stage)) }
        }
        try means.store.recordAnswers(
            means.run, try kept.map { StoredAnswer(question: question($1).text, answer: try $2.json()) })
        return kept.map { one, asked, answer in
            FinishedMeasurement(
                number: one.number, outcome: answer.outcome(metrics(at: asked.stage)), seconds: one.seconds, together: 1
            )
        }
    }

    func end() { means.crew.end() }

    /// The processes, which are told what the weights are that they measure with.
    private func startedPool() throws -> SlotPool {
        let pool = try means.pool(of: given.inputs, given.metrics)
        pool.weights = means.crew.weights
        return pool
    }

    /// The step of the weights that are measured; 0 where nobody trains.
    private var weightsStep: Int { means.step() }

    private func question(_ asked: Asked) -> WorkerQuestion {
        WorkerQuestion(
            space: space, genome: asked.genome, stage: asked.stage.rawValue, samples: samples(at: asked.stage),
            weightsStep: weightsStep, metrics: metrics(at: asked.stage))
    }

    private func samples(at stage: MeasurementStage) -> Int { stage == .search ? settings.samples : 0 }

    private func keptAnswer(_ answer: SlotPool.Answer, at stage: MeasurementStage) -> KeptAnswer {
        .of(
            answer, metrics: metrics(at: stage), needed: { stage != .search || needed.contains($0) },
            samples: samples(at: stage))
    }
}

extension CommandEvaluatorSettings: UsableEvaluator {
    /// Nobody knows what a worker takes; the estimate counts what writing takes.
    var secondsPerCandidate: Double? { 0.001 }

    func evaluator(_ means: EvaluatorMeans) throws -> any CandidateEvaluator {
        guard let workers = means.workers else { throw CoordinatorError.noWorkers }
        // What a daemon does not give is told before anything begins.
        _ = try means.inputs.specification.command(among: workers.commands, isOwner: workers.commands.isEmpty)
        return CommandEvaluator(self, means, workers)
    }
}
