internal import Datasets
internal import Runs
internal import SearchSpaces
internal import Store
internal import Supernets
internal import Tensors
internal import Training

/// The end of a run: finalists on all validation data, then once on test data, and networks of the front as files.
struct Validation {
    private let coordinator: RunCoordinator
    private var store: RunStore { coordinator.store }
    private var settings: SearchSettings { coordinator.inputs.specification.search }

    init(_ coordinator: RunCoordinator) { self.coordinator = coordinator }

    /// Measures the finalists; false when asked to stop.
    func run() throws -> Bool {
        let finalists = try pick()
        let genomes = finalists.map(\.candidate.genome)
        let metric = coordinator.metrics.main.metric
        for (stage, measure) in [
            (MeasurementStage.validation, { try coordinator.measurer.validate(genomes) }),
            (.test, { try coordinator.measurer.test(genomes) }),
        ] {
            let kind = MeasurementKind(metric, stage)
            // What is stored is never measured again: test data is touched once.
            if !finalists.isEmpty, finalists.allSatisfy({ $0.measurement(kind) != nil }) { continue }
            guard let evaluations = try measure() else { return false }
            try store.recordMeasurements(
                coordinator.run,
                zip(finalists, evaluations).map {
                    CandidateMeasurement(
                        candidate: $0.candidate.number, kind: kind, value: $1[metric], samples: $1.samples)
                }, time: coordinator.now)
            coordinator.report(.validated(part: kind.rawValue, finalists: finalists.count))
        }
        return true
    }

    /// Writes the networks of the finalists on the front, then ends the run with the event that names the best.
    func complete(_ end: (EventDraft) throws -> Void) throws {
        let finalists = try pick()
        let front = Set(
            try store.bulk.front(
                coordinator.run, weightsStep: coordinator.plan.steps, objectives: settings.objectives,
                constraints: settings.constraints
            ).map(\.candidate.number))
        for finalist in finalists where front.contains(finalist.candidate.number) { try write(finalist) }
        guard let best = RunResults.best(of: finalists, by: coordinator.metrics) else {
            return try end(EventDraft(.runCompleted))
        }
        try end(EventDraft(.runCompleted, data: EventData.object(Self.fields(ofBest: best))))
    }

    /// What the end of a run tells of its best candidate: its number, costs and all that was measured of it.
    static func fields(ofBest best: CandidateResult) -> [String: EventData] {
        var fields: [String: EventData] = ["best": .number(best.candidate.number)]
        for (metric, value) in zip(best.candidate.cost.metrics, best.candidate.cost.values) {
            fields[metric.name] = .number(value)
        }
        // Receivers of webhooks get messages of a bounded size; the text grows with the space.
        if best.candidate.genomeText.utf8.count <= longestGenome {
            fields["genome"] = .text(best.candidate.genomeText)
        }
        for one in best.measurements {
            if let how = one.kind.latencyKind {
                fields["latencyKind"] = .text(how)
                fields["latencyMilliseconds"] = .real(one.value ?? .nan)
            } else {
                fields[one.kind.rawValue] = .real(one.value ?? .nan)
            }
        }
        return fields
    }

    private static let longestGenome = 4000

    private func pick() throws -> [CandidateResult] {
        let candidates = try store.bulk.candidates(coordinator.run, weightsStep: coordinator.plan.steps)
        return Finalists(rule: FitnessRule(settings)).pick(
            coordinator.inputs.specification.finalists, from: candidates)
    }

    private func write(_ finalist: CandidateResult) throws {
        var measured: [String: Double] = [:]
        for one in finalist.measurements { measured[one.kind.rawValue] = one.value }
        let model = coordinator.inputs.model(
            of: finalist.candidate.genome, in: coordinator.trainer, measured: measured)
        let path = RunResults.modelPath(store.directory, coordinator.run, finalist.candidate.number)
        let file = try AtomicFile(path: path)
        try model.write { bytes throws(StoreError) in try file.write(bytes) }
        try file.commit()
        try AtomicFile.write((model.json + "\n").utf8, to: path.replacing(".safetensors", with: ".json"))
    }
}
