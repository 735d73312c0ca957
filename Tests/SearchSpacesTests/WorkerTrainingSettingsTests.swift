import Documents
import SearchSpaces
import Testing

@testable import Runs

/// Training by a worker: what run files say of it.
@Suite struct WorkerTrainingSettingsTests {
    private static func file(
        _ train: String, evaluator: String = "{kind: command, name: mine, metrics: {accuracy: maximize}}",
        search: String = "{objectives: [{metric: accuracy}], population: 4, during: {every: 50}}"
    ) -> String {
        """
        apiVersion: nasd/v1
        kind: Run
        name: r
        space: s
        commands: {mine: {argv: [python3, worker.py]}}
        evaluator: \(evaluator)
        train: \(train)
        search: \(search)
        """
    }

    private func faults(_ text: String) -> [String] {
        do throws(DocumentError) {
            _ = try RunSpecification.parse(yaml: text, file: "run.yaml")
            return []
        } catch {
            guard case .invalidFile(_, let faults) = error else { return ["\(error)"] }
            return faults.map { "\($0.keyPath): \($0.message)" }
        }
    }

    @Test func whatIsSaidIsReadAndReadsBack() throws {
        let run = try RunSpecification.parse(
            yaml: Self.file(
                "{worker: mine, steps: 200, batch: 32, shards: 4, sampler: {kind: multi}, checkpointEvery: 20, keep: [40], "
                    + "recordEvery: 5, distillation: {weight: 0.25}}"), file: "run.yaml")
        let again = try RunSpecification.parse(yaml: run.resolvedYAML, file: "stored", origin: .store)
        #expect(again == run && again.resolvedYAML == run.resolvedYAML && again.fingerprint == run.fingerprint)
        let train = try #require(run.workerTraining)
        #expect(run.train == nil && !run.hasNetworks && run.steps == 200 && run.weightsStep == 200)
        #expect(train.batch == 32 && train.shards == 4 && train.keep == [40] && run.recordEvery == 5)
        #expect(run.sampler?.kind == "multi" && train.distillation?.weight == 0.25)
        #expect(RunSummary(run).every == 50 && RunSummary(run).evaluationsDuring == 4)
        let usual = try RunSpecification.parse(yaml: Self.file("{worker: mine, steps: 3000}"), file: "r")
        #expect(
            usual.sampler?.kind == "sandwich" && usual.workerTraining?.checkpointEvery == 500 && usual.recordEvery == 2)
        #expect(usual.decisiveDifferences(from: run).contains("train.steps"))
    }

    /// A run that only trains ends with its last checkpoint.
    @Test func itMayTrainAlone() throws {
        let text = Self.file("{worker: mine, steps: 3}").split(separator: "\n").dropLast().joined(separator: "\n")
        let run = try RunSpecification.parse(yaml: text, file: "r")
        #expect(run.search == nil && run.steps == 3 && run.finalists == 0)
    }

    @Test(arguments: [
        ("{worker: mine}", "train.steps: expected a whole number"),
        ("{worker: other, steps: 3}", "train.worker: expected 'mine', the command that measures, found 'other'"),
        ("{worker: mine, steps: 3, optimizer: {rate: 1}}", "train.optimizer: expected nothing"),
        ("{worker: mine, steps: 3, start: a.safetensors}", "train.start: expected nothing"),
        ("{worker: mine, steps: 3, dropout: 0.5}", "train.dropout: expected nothing"),
        ("{worker: mine, budget: {minutes: 3}}", "train.budget: expected steps"),
        ("{worker: mine, steps: 3, keep: [4]}", "train.keep: expected at most the 3 steps"),
        ("{worker: mine, steps: 3, speed: 4}", "train.speed: expected one of the keys"),
        ("{worker: mine, steps: 3, sampler: {kind: shift}}", "train.sampler.kind: expected a sampler shift"),
        (
            "{worker: mine, steps: 3, sampler: {kind: shift, generator: lstm}}",
            "train.sampler.generator: expected a sampler shift"
        ),
        ("{worker: mine, steps: 3, sampler: {kind: multi, best: 0.5}}", "train.sampler.best: expected a sampler multi"),
        ("{worker: mine, steps: 3, sampler: {kind: shrinking}}", "train.sampler.kind: expected a sampler shrinking"),
        ("{steps: 3}", "train: expected no training"),
    ]) func faultsAreTold(train: String, expected: String) {
        let found = faults(Self.file(train))
        #expect(found.contains { $0.hasPrefix(expected) }, "\(expected): \(found)")
    }

    /// Bins of what the worker measures, where the space has no such cost.
    @Test func binsMayBeOfWhatTheWorkerMeasures() throws {
        func run(_ sampler: String, metrics: String = "{accuracy: maximize, energy: minimize}") throws
            -> RunSpecification
        {
            try RunSpecification.parse(
                yaml: Self.file(
                    "{worker: mine, steps: 200, sampler: {kind: shift, generator: table, \(sampler)}}",
                    evaluator: "{kind: command, name: mine, metrics: \(metrics)}"), file: "run.yaml")
        }
        let outside = try SearchSpace.parse(
            yaml:
                "{apiVersion: nasd/v1, kind: SearchSpace, name: s, family: external, decisions: [{name: a, options: [1, 2]}]}",
            file: "s")
        let counted = try SearchSpace.parse(
            yaml: "{apiVersion: nasd/v1, kind: SearchSpace, name: s, family: mlp, input: {features: 4, classes: 2}, "
                + "choices: {width: [8, 16], depth: [1, 2], expansion: [1]}}", file: "s")
        let energy = try run("metric: energy, measured: 40")
        let again = try RunSpecification.parse(yaml: energy.resolvedYAML, file: "stored", origin: .store)
        #expect(again == energy && again.resolvedYAML == energy.resolvedYAML)
        let settings = try #require(energy.sampler?.settings)
        #expect(settings.measured(in: outside)?.metric.name == "energy" && settings.measured(in: outside)?.count == 40)
        try settings.check(in: outside)
        // What a space counts is not measured.
        let products = try #require(
            try run("bins: 4", metrics: "{accuracy: maximize, multiplyAdds: minimize}").sampler?.settings)
        #expect(products.measured(in: counted) == nil && products.measured(in: outside)?.count == 100)
        #expect(try !run("bins: 4").resolvedYAML.contains("measured"))
        for (sampler, key) in [
            ("metric: energy, estimator: progress", "train.sampler.estimator"), ("bins: 4", "train.sampler.metric"),
        ] {
            let error = #expect(throws: RunError.self) { try run(sampler).sampler?.settings.check(in: outside) }
            #expect("\(String(describing: error))".contains(key))
        }
        let found = faults(
            Self.file("{worker: mine, steps: 3, sampler: {kind: shift, generator: table, metric: enerhy}}"))
        #expect(
            found.contains { $0.hasPrefix("train.sampler.metric: expected one of ") }, "\(found)")
        // What is to be large says nothing before anything is trained.
        #expect(found.allSatisfy { !$0.contains("accuracy") }, "\(found)")
    }

    @Test func whatMeasuresMustBeThatWorker() {
        let table = faults(
            Self.file(
                "{worker: mine, steps: 3}",
                evaluator: "{kind: table, file: a.csv, key: {columns: {a: b}}, metrics: {accuracy: c}}",
                search: "{objectives: [{metric: accuracy}]}"))
        #expect(
            table.contains {
                $0.hasPrefix("train.worker: expected a run that a command measures, found the evaluator table")
            }, "\(table)")
        let own = """
            apiVersion: nasd/v1
            kind: Run
            name: r
            space: vit-mnist
            data: {format: glyphs}
            train: {worker: mine, steps: 3}
            """
        #expect(faults(own).contains { $0.hasPrefix("train.worker: expected a run that a command measures") })
    }
}
