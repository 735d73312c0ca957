internal import Foundation
internal import Runs
internal import SearchSpaces
internal import Store
internal import Supernets
internal import Training

/// The end of a run: finalists on all validation data, trained on where the run asks for it, then the better network of each once
/// on test data, and networks of the front as files.
struct ValidationPhase {
    let context: RunContext
    let evaluator: any CandidateEvaluator
    /// The supernet; nil where there are no networks.
    let weights: TrainedWeights?

    private var networks: FinalistNetworks? {
        weights.map { FinalistNetworks(context: context, evaluator: evaluator, weights: $0) }
    }

    /// Measures the finalists; false when asked to stop.
    func run() throws -> Bool {
        guard try measure(pick(), at: .validation) else { return false }
        if let networks, try !networks.run(pick()) { return false }
        // The choice is made: what is read of test data from here on decides nothing.
        let finalists = try pick(), own = finalists.filter { network(of: $0) == .validation }
        for finalist in finalists where network(of: finalist) != .validation {
            guard !evaluator.isMeasured(finalist, at: .test) else { continue }
            guard let outcome = try networks?.trained(finalist, network(of: finalist))?.measure(at: .test) else {
                return false
            }
            try context.store.recordMeasurements(
                context.run, evaluator.rows(of: finalist.candidate, outcome, at: .test), time: context.now)
        }
        guard try measure(own, at: .test, of: finalists.count) else { return false }
        return try timeFinalists(finalists)
    }

    /// Times the finalists whose latency was predicted for this machine; false when asked to stop.
    private func timeFinalists(_ finalists: [CandidateResult]) throws -> Bool {
        guard let latency = context.latency, latency.known?.kind == .predicted else { return true }
        guard latency.isPredictedHere else {
            context.notice(
                "latencies are predicted for '\(latency.known?.device ?? "a device that nobody named")', which this machine is "
                    + "not; finalists are not timed")
            return true
        }
        let kind = MeasurementKind.latency(MeasurementKind.timed)
        let open = finalists.filter { $0.measurement(kind) == nil }
        guard let values = try latency.timed(open.map(\.candidate.genome)) else { return false }
        let rows = zip(open, values).compactMap { finalist, value in
            value.map { CandidateMeasurement(candidate: finalist.candidate.number, kind: kind, value: $0, samples: 0) }
        }
        try context.store.recordMeasurements(context.run, rows, time: context.now)
        guard let check = LatencyCheck(try pick(), context.inputs) else { return true }
        try AtomicFile.write(
            check.csv, to: RunResults.latencyPath(context.store.directory, context.run))
        let drift =
            latency.drift.map { String(format: "; the reference takes %+.1f %% of what it took", 100 * $0) } ?? ""
        context.notice("latency: \(check.text)\(drift)")
        return true
    }

    /// Measures the networks with the weights of the supernet, or whatever else the evaluator knows; false when asked to stop.
    private func measure(_ finalists: [CandidateResult], at stage: MeasurementStage, of all: Int? = nil) throws -> Bool
    {
        let metrics = evaluator.metrics(at: stage)
        // What is stored is never measured again: test data is touched once.
        var open = finalists.filter { !evaluator.isMeasured($0, at: stage) }
        if metrics.isEmpty || (open.isEmpty && !finalists.isEmpty) { return true }
        if evaluator.dependsOnGeneration { open = finalists }
        guard let outcomes = try evaluator.measure(open.map(\.candidate.genome), at: stage) else { return false }
        try context.store.recordMeasurements(
            context.run,
            zip(open, outcomes).flatMap { evaluator.rows(of: $0.candidate, $1, at: stage) }, time: context.now)
        let names = metrics.map { stage.name(of: $0) }
        context.report(.validated(part: names.joined(separator: ", "), finalists: all ?? finalists.count))
        return true
    }

    /// Which of a finalist's networks is handed over: the better one on validation data.
    private func network(of finalist: CandidateResult) -> MeasurementStage {
        finalist.best(by: context.metrics.main)?.stage ?? .validation
    }

    /// Writes the networks of the finalists on the front, then ends the run with the event that names the best; false when asked to
    /// stop before.
    func complete() throws -> Bool {
        let specification = context.specification
        var data: String?
        if specification.search != nil {
            let finalists = try pick()
            let front = try context.store.bulk.front(
                context.run, weightsStep: context.plan.weightsStep, objectives: specification.objectives,
                constraints: specification.constraints)
            var numbers = Set(front.map(\.candidate.number))
            let best = RunResults.best(of: finalists, front: front, by: context.metrics, specification)
            // Trained on, one may be the best that no front has, by what it inherited.
            if !specification.finalistTrainings.isEmpty, let best { numbers.insert(best.candidate.number) }
            if let weights {
                for finalist in finalists where numbers.contains(finalist.candidate.number) {
                    guard let network = try handedOver(finalist, weights) else { return false }
                    try write(finalist, network)
                }
            }
            data = best.map { best in
                var fields = Self.fields(ofBest: best)
                if let check = LatencyCheck(finalists, context.inputs) {
                    fields["latenciesTimed"] = .number(check.rows.count)
                    fields["latenciesInside"] = .number(check.inside)
                }
                return EventData.object(fields)
            }
        }
        // Before the end, after which nobody looks; a kill in between has the networks trained again.
        networks?.remove()
        try context.change(
            to: .completed, data.map { EventDraft(.runCompleted, data: $0) } ?? EventDraft(.runCompleted))
        return true
    }

    /// The weights of the network of a finalist that is handed over; nil when asked to stop.
    private func handedOver(_ finalist: CandidateResult, _ weights: TrainedWeights) throws -> TrainedWeights? {
        let stage = network(of: finalist)
        return stage == .validation ? weights : try networks?.trained(finalist, stage)?.trainer.trained
    }

    /// What the end of a run tells of its best candidate: its number, costs and all that was measured of it. Metrics that only
    /// the run or its space declares may be called as any field is, `best` or `run`, and stand apart.
    static func fields(ofBest best: CandidateResult) -> [String: EventData] {
        var fields: [String: EventData] = ["best": .number(best.candidate.number)]
        for (metric, value) in zip(best.candidate.cost.metrics, best.candidate.cost.values) {
            fields[metric.name] = .number(value)
        }
        // Receivers of webhooks get messages of a bounded size; the text grows with the space.
        if best.candidate.genomeText.utf8.count <= longestGenome {
            fields["genome"] = .text(best.candidate.genomeText)
        }
        var further: [String: EventData] = [:]
        for one in best.measurements {
            if let how = one.kind.latencyKind {
                // The one that the search went by.
                guard how == best.latencyKind else { continue }
                fields["latencyKind"] = .text(how)
                fields["latencyMilliseconds"] = .real(one.value ?? .nan)
            } else if usualNames.contains(one.kind.name) {
                fields[one.kind.name] = .real(one.value ?? .nan)
            } else {
                further[one.kind.name] = .real(one.value ?? .nan)
            }
        }
        if !further.isEmpty, EventData.object(further).utf8.count <= longestMetrics {
            fields["metrics"] = .fields(further)
        }
        return fields
    }

    private static let longestGenome = 4000
    private static let longestMetrics = 8000
    private static let usualNames = Set(
        RunMetrics.usual.flatMap { metric in MeasurementStage.allCases.map { $0.name(of: metric) } })

    private func pick() throws -> [CandidateResult] {
        let candidates = try context.store.bulk.candidates(context.run, weightsStep: context.plan.weightsStep)
        return Finalists(rule: FitnessRule(context.specification)).pick(
            context.specification.finalists, from: candidates)
    }

    private func write(_ finalist: CandidateResult, _ weights: TrainedWeights) throws {
        var measured: [String: Double] = [:]
        // What was timed later than it was predicted is another time otherwise, and no part of the file.
        for one in finalist.measurements
        where one.kind.latencyKind == nil || one.kind.latencyKind == finalist.latencyKind {
            measured[one.kind.name] = one.value
        }
        let model = try context.inputs.model(of: finalist.candidate.genome, in: weights, measured: measured)
        let path = RunResults.modelPath(context.store.directory, context.run, finalist.candidate.number)
        let file = try AtomicFile(path: path)
        try model.write { bytes throws(StoreError) in try file.write(bytes) }
        try file.commit()
        try AtomicFile.write((model.json + "\n").utf8, to: path.replacing(".safetensors", with: ".json"))
    }
}
