internal import Documents
internal import SearchSpaces

/// What the section `train` of a run file is: training here, by a worker, or none.
extension RunSpecification {
    /// How subnets are drawn for training, whoever trains; nil for a run that trains nothing.
    public var sampler: SamplerChoice? { train?.sampler ?? workerTraining?.sampler }

    /// Steps between records of training; 1 for a run that trains nothing.
    public var recordEvery: Int { train?.recordEvery ?? workerTraining?.recordEvery ?? 1 }

    /// Training by the worker that measures; nil where the section says nothing of a worker.
    ///
    /// - Parameter evaluator: Nil where it is unknown.
    static func workerTraining(
        _ root: SectionReader, _ evaluator: EvaluatorChoice?, isSearched: Bool
    ) -> WorkerTraining? {
        guard root.has("train"), root.section("train").has("worker") else { return nil }
        let section = root.section("train"), use = evaluator?.settings.command
        if isSearched {
            section.report(
                "expected no training, since the supernet of another run is searched", key: "worker",
                hint: "take out train, or the supernet")
        } else if let evaluator, use == nil {
            section.report(
                "expected a run that a command measures, found the evaluator \(evaluator.kind)", key: "worker",
                hint: "a worker trains what it measures: evaluator: {kind: command, name: …}, and no data")
        }
        let metrics = evaluator?.settings.metrics(at: .search, among: RunMetrics.usual)
        return WorkerTraining(section, measuring: use, metrics ?? [])
    }

    static func train(_ root: SectionReader, trains: Bool?, isSearched: Bool) -> TrainSettings? {
        switch trains {
        case true?:
            guard !root.has("train"), !root.has("evaluator") else {
                return TrainSettings(root.section("train", isRequired: true))
            }
            _ = root.node("train", isRequired: false, expected: "a mapping")
            root.report(
                "expected a mapping, found nothing", key: "train",
                hint: "or name a trained supernet, or an evaluator that needs no training, such as {kind: table}")
            return nil
        case false?:
            _ = root.node("train", isRequired: false, expected: "a mapping")
            if root.has("train") {
                root.report(
                    isSearched
                        ? "expected no training, since the supernet of another run is searched"
                        : "expected no training, since the evaluator measures nothing that is trained here",
                    key: "train", hint: "take out train, or the \(isSearched ? "supernet" : "evaluator")")
            }
            return nil
        case nil: return root.has("train") ? TrainSettings(root.section("train")) : nil
        }
    }
}
