internal import Foundation
internal import Runs
internal import SearchSpaces
internal import Store
internal import Supernets
internal import Training

/// The end of a run: finalists on all validation data, then once on test data, and networks of the front as files.
struct ValidationPhase {
    let context: RunContext
    let evaluator: any CandidateEvaluator
    /// The supernet; nil where there are no networks.
    let weights: TrainedWeights?

    /// Measures the finalists; false when asked to stop.
    func run() throws -> Bool {
        let finalists = try pick()
        for stage in [MeasurementStage.validation, .test] {
            let metrics = evaluator.metrics(at: stage)
            // What is stored is never measured again: test data is touched once.
            var open = finalists.filter { !evaluator.isMeasured($0, at: stage) }
            if metrics.isEmpty || (open.isEmpty && !finalists.isEmpty) { continue }
            if evaluator.dependsOnGeneration { open = finalists }
            guard let outcomes = try evaluator.measure(open.map(\.candidate.genome), at: stage) else { return false }
            try context.store.recordMeasurements(
                context.run,
                zip(open, outcomes).flatMap { evaluator.rows(of: $0.candidate, $1, at: stage) }, time: context.now)
            let names = metrics.map { MeasurementKind($0, stage).rawValue }
            context.report(.validated(part: names.joined(separator: ", "), finalists: finalists.count))
        }
        return true
    }

    /// Writes the networks of the finalists on the front, then ends the run with the event that names the best.
    func complete() throws {
        let specification = context.specification
        var data: String?
        if specification.search != nil {
            let finalists = try pick()
            let front = try context.store.bulk.front(
                context.run, weightsStep: context.plan.weightsStep, objectives: specification.objectives,
                constraints: specification.constraints)
            let numbers = Set(front.map(\.candidate.number))
            if let weights {
                let kept = finalists.filter { numbers.contains($0.candidate.number) }
                removeNetworks(except: Set(kept.map(\.candidate.number)))
                for finalist in kept { try write(finalist, weights) }
            }
            let best = RunResults.best(of: finalists, front: front, by: context.metrics, specification)
            data = best.map { EventData.object(Self.fields(ofBest: $0)) }
        }
        try context.change(
            to: .completed, data.map { EventDraft(.runCompleted, data: $0) } ?? EventDraft(.runCompleted))
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
                fields["latencyKind"] = .text(how)
                fields["latencyMilliseconds"] = .real(one.value ?? .nan)
            } else if usualNames.contains(one.kind.rawValue) {
                fields[one.kind.rawValue] = .real(one.value ?? .nan)
            } else {
                further[one.kind.rawValue] = .real(one.value ?? .nan)
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

    /// Removes what an extended run left of its finalists before.
    private func removeNetworks(except kept: Set<Int>) {
        guard context.extensions > 0 else { return }
        let folder = context.store.directory.modelDirectory(context.run)
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
            guard let number = name.firstMatch(of: /^candidate-([0-9]+)\./).flatMap({ Int($0.1) }),
                !kept.contains(number)
            else { continue }
            unlink("\(folder)/\(name)")
        }
    }

    private func pick() throws -> [CandidateResult] {
        let candidates = try context.store.bulk.candidates(context.run, weightsStep: context.plan.weightsStep)
        return Finalists(rule: FitnessRule(context.specification)).pick(
            context.specification.finalists, from: candidates)
    }

    private func write(_ finalist: CandidateResult, _ weights: TrainedWeights) throws {
        var measured: [String: Double] = [:]
        for one in finalist.measurements { measured[one.kind.rawValue] = one.value }
        let model = context.inputs.model(of: finalist.candidate.genome, in: weights, measured: measured)
        let path = RunResults.modelPath(context.store.directory, context.run, finalist.candidate.number)
        let file = try AtomicFile(path: path)
        try model.write { bytes throws(StoreError) in try file.write(bytes) }
        try file.commit()
        try AtomicFile.write((model.json + "\n").utf8, to: path.replacing(".safetensors", with: ".json"))
    }
}
