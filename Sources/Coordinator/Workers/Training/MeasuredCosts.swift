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
        let genomes = space.spread(count, using: &numbers).map(space.canonical)
        guard let answers = try answers(of: genomes, metric, shouldStop) else { return nil }
        var known: [Genome: Double] = [:]
        var reason: String?
        for (genome, answer) in zip(genomes, answers) {
            switch answer.values?[metric.name] {
            case let value? where value > 0: known[genome] = value
            case let value?: reason = reason ?? "\(value), which is not above 0"
            case nil: reason = reason ?? answer.failed
            }
        }
        let needed = min(IntervalPredictor.leastRows(level: Self.level), genomes.count)
        guard known.count >= needed else {
            throw CoordinatorError.fewMeasured(
                metric: metric.name, found: known.count, of: genomes.count, needed: needed, reason: reason ?? "nothing")
        }
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

    /// The durable answer for each architecture; nil when told to stop.
    private func answers(of genomes: [Genome], _ metric: Metric, _ shouldStop: () -> Bool) throws -> [KeptAnswer]? {
        let questions = genomes.map { "\(Self.stage) 0 0 \(inputs.space.key(of: $0))" }
        var answers: [KeptAnswer?] = []
        let stored = try means.store.answers(means.run, to: questions)
        for question in questions {
            answers.append(
                try stored[question].map { json in
                    guard let answer = try? KeptAnswer(json: json) else {
                        throw StoreError.corrupt(
                            path: "answer to '\(question)' of run \(means.run.text)", detail: "the row cannot be read")
                    }
                    return answer
                })
        }
        var missing = answers.count { $0 == nil }
        guard missing > 0 else { return answers.compactMap(\.self) }
        let pool = try means.pool(of: inputs, metrics)
        for number in genomes.indices where answers[number] == nil {
            pool.ask(number, request(genomes[number], metric))
        }
        while missing > 0 {
            guard let finished = try pool.finished(shouldStop: shouldStop) else { return nil }
            let kept = finished.map {
                ($0.number, KeptAnswer.of($0.answer, metrics: [metric], needed: { _ in true }, samples: 0))
            }
            try means.store.recordAnswers(
                means.run, try kept.map { StoredAnswer(question: questions[$0], answer: try $1.json()) })
            for (number, answer) in kept { answers[number] = answer }
            missing -= kept.count
        }
        return answers.compactMap(\.self)
    }

    private func request(_ genome: Genome, _ metric: Metric) -> [String: EventData] {
        [
            "type": .text("evaluate"), "genome": WorkerMessage.genome(genome, in: inputs.space),
            "key": .text(inputs.space.key(of: genome)), "stage": .text(Self.stage), "samples": .number(0),
            "weightsStep": .number(0), "metrics": .list([.text(metric.name)]),
        ]
    }
}
