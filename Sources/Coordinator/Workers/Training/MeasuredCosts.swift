internal import Foundation
internal import Logging
internal import Runs
internal import Search
internal import SearchSpaces
internal import Store
internal import Tensors
internal import Training

/// What the bins of a sampler are of where the space cannot count it: a worker measures it of some architectures before anything is
/// trained, and of all others it is predicted from these.
///
/// Each is asked once: an answer counts once it is in the store, and a later start takes it from there, so that bins are the same
/// after any kill.
struct MeasuredCosts {
    /// What the worker is told: that the metric depends on the architecture alone, and no weights are there.
    static let stage = "cost"
    /// The share of architectures that predictions are to be right for, within what is told.
    private static let level = 0.9

    /// The step of the random numbers that draw them: one that no training has.
    private static let step: UInt64 = (1 << 55) + 1
    /// What may be told: predictions go by sums and shares of squares, which have room beside these.
    private static let range = 1e-30...1e30

    let inputs: RunInputs
    let metrics: RunMetrics
    let means: WorkerMeans

    /// The number of any architecture; nil when told to stop.
    ///
    /// - Throws: `CoordinatorError.fewMeasured` where the worker has told too few to learn from.
    func values(of metric: Metric, count: Int, shouldStop: () -> Bool) throws -> ((Genome) -> Double?)? {
        let space = inputs.space
        var numbers = CounterGenerator(
            seed: UInt64(inputs.specification.seed), stream: .subnet, step: Self.step)
        let genomes = space.spread(count, using: &numbers)
        guard let (answers, failures) = try answers(of: genomes, metric, shouldStop) else { return nil }
        var known: [Genome: Double] = [:]
        for (genome, answer) in zip(genomes, answers) { known[genome] = answer.values?[metric.name] }
        let needed = min(IntervalPredictor.leastRows(level: Self.level), genomes.count)
        guard known.count >= needed else {
            throw CoordinatorError.fewMeasured(
                metric: metric.name, found: known.count, of: genomes.count, needed: needed,
                reason: answers.lazy.compactMap(\.failed).first ?? "nothing")
        }
        // Until there are bins, what failed may be asked again.
        try means.store.recordAnswers(means.run, failures)
        let measured = genomes.filter { known[$0] != nil }
        let predictor = IntervalPredictor(
            measured, values: measured.compactMap { known[$0] }, in: space, level: Self.level)
        let width = predictor.map { String(format: "%.1f", 100 * $0.halfWidth) } ?? "nothing"
        means.log.info(
            "bins of the sampler",
            metadata: [
                "of": "\(metric.name)", "measured": .stringConvertible(known.count),
                "predictedWithinPercent": "\(width)",
            ])
        return { known[$0] ?? predictor?.prediction(of: $0).value }
    }

    /// The answer for each architecture, and those without a value that are not durable yet; nil when told to stop.
    private func answers(
        of genomes: [Genome], _ metric: Metric, _ shouldStop: () -> Bool
    ) throws -> (all: [KeptAnswer], failures: [StoredAnswer])? {
        let questions = genomes.map {
            WorkerQuestion(
                space: inputs.space, genome: $0, stage: Self.stage, samples: 0, weightsStep: 0, metrics: [metric])
        }
        let stored = try means.keptAnswers(to: questions.map(\.text))
        var answers = questions.map { stored[$0.text] }
        var missing = answers.count { $0 == nil }
        guard missing > 0 else { return (answers.compactMap(\.self), []) }
        var failures: [StoredAnswer] = []
        let pool = try means.pool(of: inputs, metrics)
        for number in genomes.indices where answers[number] == nil {
            pool.ask(number, questions[number].request)
        }
        while missing > 0 {
            guard let finished = try pool.finished(shouldStop: shouldStop) else { return nil }
            var values: [StoredAnswer] = []
            for one in finished {
                let answer = Self.checked(
                    .of(one.answer, metrics: [metric], needed: { _ in true }, samples: 0), metric)
                let stored = StoredAnswer(question: questions[one.number].text, answer: try answer.json())
                if answer.failed == nil { values.append(stored) } else { failures.append(stored) }
                answers[one.number] = answer
            }
            try means.store.recordAnswers(means.run, values)
            missing -= finished.count
        }
        return (answers.compactMap(\.self), failures)
    }

    private static func checked(_ answer: KeptAnswer, _ metric: Metric) -> KeptAnswer {
        guard let value = answer.values?[metric.name], !range.contains(value) else { return answer }
        return KeptAnswer(failed: "\(value), which is not from \(range.lowerBound) to \(range.upperBound)")
    }
}
