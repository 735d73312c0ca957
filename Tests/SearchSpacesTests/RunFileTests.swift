import Documents
import Runs
import SearchSpaces
import TestSupport
import Testing

@Suite struct RunFileTests {
    @Test func exampleIsReadWhole() throws {
        let run = try run("mnist-vit")
        #expect(run.name == "mnist-vit")
        #expect(run.seed == 7)
        #expect(run.space == "vit-mnist")
        #expect(run.data?.holdOut.validation == 5000)
        #expect(run.data?.augmentation.shift == 1)
        #expect(run.train?.optimizer.momentum == 0.9)
        #expect((run.train?.sampler.settings as? MultiSettings)?.draw == .even)
        #expect(run.train?.distillation == nil)
        #expect(run.search?.constraints == [Constraint(metric: .params, atMost: 900_000)])
        #expect(run.search?.during?.evaluations == 100)
        #expect(run.finalists == 10)
        #expect(run.webhook == nil)
        #expect(run.workers == .auto)
    }

    @Test(arguments: [
        "mnist-vit", "glyphs-quickstart", "cifar-vit", "cifar-shift", "mnist-mixture", "cnn-mnist", "cnn-cifar",
        "mcu-cifar",
    ])
    func resolvedTextReadsBack(name: String) throws {
        let original = try run(
            name,
            overrides: [
                ("webhook", #"{url: "https://a.example/ü\"x", secret: s, events: [run.*]}"#), ("workers", "2"),
                ("train.optimizer.clip", "1.5"),
            ])
        let again = try RunSpecification.parse(yaml: original.resolvedYAML, file: "r")
        #expect(again == original)
        #expect(again.resolvedYAML == original.resolvedYAML)
        #expect(again.fingerprint == original.fingerprint)
    }

    /// Nesterov's momentum belongs to sgd, and a file that does not say it is as before.
    @Test func nesterovIsOfSGD() throws {
        let plain = try run("mnist-vit", overrides: [("train.optimizer.name", "sgd")])
        #expect(plain.train?.optimizer.isNesterov == false && !plain.resolvedYAML.contains("nesterov"))
        let changed = try run(
            "mnist-vit", overrides: [("train.optimizer.name", "sgd"), ("train.optimizer.nesterov", "true")])
        #expect(changed.train?.optimizer.isNesterov == true)
        #expect(plain.differences(from: changed) == ["train.optimizer.nesterov"])
        #expect(try RunSpecification.parse(yaml: changed.resolvedYAML, file: "r") == changed)
        #expect(
            faults { try run("mnist-vit", overrides: [("train.optimizer.nesterov", "true")]) }
                == [
                    "--set train.optimizer.nesterov: expected nesterov with sgd alone, found it with adamw"
                ])
        let tuned = try run("cnn-mnist", overrides: [("validate.tune.steps", "10")])
        #expect(tuned.finalistTrainings.first?.train.optimizer.isNesterov == true)
        let other = try run("cnn-mnist", overrides: [("validate.tune", "{steps: 10, optimizer: adamw}")])
        #expect(other.finalistTrainings.first?.train.optimizer.isNesterov == false)
    }

    /// A search of few evaluations has no larger generations, unless it says so.
    @Test func generationsAreNoLargerThanTheSearch() throws {
        func population(_ keys: String) throws -> Int? {
            let few = try run("mnist-vit", overrides: [("search", "{\(keys), objectives: [{metric: accuracy}]}")])
            return few.search?.population
        }
        #expect(try population("evaluations: 12") == 12 && population("evaluations: 80") == 50)
        #expect(try population("evaluations: 2") == 2)
        #expect(faults { try population("evaluations: 12, population: 20") }.count == 1)
        // What is wrong is told of the key that is wrong, whether the other one is there or not.
        for keys in ["evaluations: 1", "evaluations: 1, population: 20", "population: 20, evaluations: x"] {
            let found = faults { try population(keys) }
            #expect(found.count == 1, "\(found)")
            #expect(found.first?.contains("search.evaluations: expected a whole number from 2 to 1000000000") == true)
        }
    }

    /// What the search goes by is a metric of the space or of its task, and the task is one for the space.
    @Test func metricsAreThoseOfSpaceAndTask() throws {
        func refusal(_ overrides: (key: String, value: String)...) throws -> String? {
            let run = try run("glyphs-quickstart", overrides: overrides)
            do { try run.checkBounds(in: space("vit-glyphs")) } catch { return "\(error)" }
            return nil
        }
        #expect(try refusal() == nil)
        #expect(
            try refusal(("search.objectives", "[{metric: accuracy}, {metric: rmse}]"))
                == "search.objectives[1].metric: the run has no metric 'rmse'; "
                + "there are params, multiplyAdds, activationBytes, accuracy, loss")
        #expect(
            try refusal(("search.constraints", "[{metric: mae, atMost: 1}]"))?.hasPrefix(
                "search.constraints[0].metric: the run has no metric") == true)
        #expect(
            try refusal(("task", "{kind: regression}"), ("search.objectives", "[{metric: rmse}]"))
                == "task.kind: the space reads images of 28 x 28 x 1 in 10 classes, which regression cannot be learned of; "
                + "write classification, or choose another space")
        let metrics = RunMetrics(try run("glyphs-quickstart"), space: try space("vit-glyphs"))
        #expect(metrics.main == Objective(metric: .accuracy, goal: .maximize) && metrics.price(of: []) == .multiplyAdds)
        #expect(
            metrics.values.map(\.name) == [
                "params", "multiplyAdds", "activationBytes", "accuracy", "loss", "validationAccuracy", "testAccuracy",
            ])
        for value in metrics.values { #expect(MeasurementStage(ofName: value.name) == value.stage) }
        func price(_ names: Metric...) -> Metric? {
            metrics.price(of: names.map { Objective(metric: $0, goal: $0.goal) })
        }
        #expect(price(.accuracy, .params, .multiplyAdds) == .params && price(.accuracy) == .multiplyAdds)
        // A loss is nothing that is paid.
        #expect(price(.accuracy, .loss) == .multiplyAdds)
        #expect(MeasurementStage(ofName: "validations") == .search && MeasurementStage(ofName: "test") == .search)
    }

    /// A sampler that draws by a cost is refused where the space has no such cost.
    @Test func samplersDrawByCostsOfTheSpace() throws {
        let elsewhere = try SearchSpace.parse(
            yaml: "apiVersion: nasd/v1\nkind: SearchSpace\nname: e\nfamily: external\n"
                + "decisions: [{name: k, options: [1]}]\n", file: "e")
        let shift = try #require(try run("cifar-shift").train?.sampler.settings)
        try shift.check(in: space("vit-cifar"))
        let error = #expect(throws: RunError.self) { try shift.check(in: elsewhere) }
        #expect(error?.description.hasPrefix("train.sampler.metric: the space 'e' has no cost multiplyAdds") == true)
        try run("glyphs-quickstart").train?.sampler.settings.check(in: elsewhere)
    }

    @Test func overridesReplaceAndCreate() throws {
        let plain = try run("mnist-vit")
        let changed = try run(
            "mnist-vit",
            overrides: [
                ("train.steps", "100"), ("train.optimizer.warmup", "10"), ("train.dropout", "0.1"), ("workers", "3"),
            ])
        #expect(changed.train?.steps == 100)
        #expect(changed.train?.dropout == 0.1)
        #expect(
            plain.differences(from: changed) == [
                "train.steps", "train.optimizer.warmup", "train.dropout", "train.recordEvery", "workers",
            ])
        #expect(plain.differences(from: plain).isEmpty)
        #expect(plain.fingerprint != changed.fingerprint)
        #expect(plain.fingerprint == (try run("mnist-vit", overrides: [("workers", "3"), ("name", "x")]).fingerprint))
        let withClip = try run("mnist-vit", overrides: [("train.optimizer.clip", "1")])
        #expect(plain.differences(from: withClip) == ["train.optimizer.clip"])
        #expect(withClip.differences(from: plain) == ["train.optimizer.clip"])
    }

    struct Case: Sendable {
        let key: String
        let value: String
        let expected: String
    }

    @Test(arguments: [
        Case(
            key: "train.steps", value: "none",
            expected: "--set train.steps: expected a whole number from 1 to 1000000000, found 'none'"),
        Case(
            key: "train.stesp", value: "5",
            expected:
                "--set train.stesp: expected one of the keys steps, budget, batch, shards, optimizer, sampler, distillation, labelSmoothing, dropout, checkpointEvery, keep, start, recordEvery, worker, found 'stesp'; hint: did you mean 'steps'?"
        ),
        Case(
            key: "seed.x", value: "5",
            expected: "--set seed.x: expected a key within mappings, found a value on the way"),
        Case(key: "a..b", value: "5", expected: "--set a..b: expected a key such as train.steps, found 'a..b'"),
        Case(
            key: "data.delimiter", value: ",",
            expected:
                "--set data.delimiter: malformed YAML: did not find expected node content; hint: quote what is a text: --set 'data.delimiter=\",\"'"
        ),
        Case(
            key: "seed", value: "[ '",
            expected:
                "--set seed: malformed YAML: found unexpected end of stream; hint: quote what is a text: --set 'seed=\"…\"'"
        ),
        Case(key: "seed", value: "", expected: "--set seed: expected a value, found nothing"),
        Case(
            key: "train.optimizer.warmup", value: "17001",
            expected: "--set train.optimizer.warmup: expected at most the 17000 steps of training, found '17001'"),
        Case(key: "train.shards", value: "65", expected: "--set train.shards: expected at most batch 64, found '65'"),
        Case(
            key: "train.distillation.start", value: "1.5",
            expected: "--set train.distillation.start: expected a number from 0 to 1, found '1.5'"),
        Case(
            key: "train.sampler.kind", value: "mutli",
            expected:
                "--set train.sampler.kind: expected one of uniform, multi, sandwich, shrinking, shift, found 'mutli'; hint: did you mean 'multi'?"
        ),
        Case(
            key: "search.algorithm", value: "nsga4",
            expected:
                "--set search.algorithm: expected one of \(SearchAlgorithm.kinds.joined(separator: ", ")), found 'nsga4'; "
                + "hint: did you mean 'nsga2'?"),
        Case(
            key: "search.samples", value: "5001",
            expected: "--set search.samples: expected at most the 5000 of data.holdOut.validation, found '5001'"),
        Case(
            key: "search.objectives", value: "[]",
            expected: "--set search.objectives: expected at least one objective, found an empty list"),
        Case(
            key: "search.constraints", value: "[{metric: params}]",
            expected: "--set search.constraints: search.constraints[0]: expected atLeast or atMost"),
        Case(
            key: "workers", value: "0",
            expected: "--set workers: expected auto or a whole number from 1 to 1024, found '0'"),
        Case(
            key: "webhook.url", value: "ftp://x",
            expected: "--set webhook.url: expected an http or https address, found 'ftp://x'"),
        Case(
            key: "data.format", value: "text",
            expected:
                "--set data.format: expected one of idx, cifar10, cifar100, image-folder, npy, npz, glyphs, csv; 'text' is "
                + "not supported yet"),
    ])
    func badOverridesAreNamed(fault: Case) {
        let found = faults { try run("mnist-vit", overrides: [(fault.key, fault.value)]) }
        #expect(found.contains(fault.expected), "\(found)")
    }

    @Test func overridingTheSamplerLeavesItsSettingsBehind() throws {
        #expect(try run("mnist-vit", overrides: [("train.sampler.kind", "uniform")]).train?.sampler.kind == "uniform")
        #expect(try run("cifar-shift", overrides: [("train.sampler.kind", "uniform")]).train?.sampler.kind == "uniform")
        #expect(try run("cifar-shift").train?.sampler.kind == "shift")
    }

    @Test func shiftFillsItsDefaultsFromTheSteps() throws {
        let changed = try run("mnist-vit", overrides: [("train.sampler", "{kind: shift, temperature: {end: 0.5}}")])
        let shift = try #require(changed.train?.sampler.settings as? ShiftSettings)
        #expect(shift.period == changed.steps / 60 && shift.warm == changed.steps / 10)
        #expect(shift.binCount == 8 && shift.maskedEvery == 4 && shift.temperatureEnd == 0.5)
        let again = try RunSpecification.parse(yaml: changed.resolvedYAML, file: "again.yaml")
        #expect(again.train == changed.train)
        // Equal probabilities need nothing to measure on.
        let data = ("data.holdOut.sampler", "0")
        let found = faults { try run("mnist-vit", overrides: [("train.sampler", "{kind: shift}"), data]) }
        #expect(
            found.contains { $0.contains("data.holdOut.sampler: expected at least 1 for the sampler shift") },
            "\(found)")
        _ = try run("mnist-vit", overrides: [("train.sampler", "{kind: shift, rate: 0}"), data])
        #expect(
            faults {
                try run(
                    "mnist-vit", overrides: [("train.sampler", "{kind: shift, generator: table, estimator: literal}")])
            }.contains { $0.contains("expected expected, sampled or progress with generator table") })
    }

    @Test func theObjectiveOfProgressIsRead() throws {
        func shift(_ text: String) throws -> ShiftSettings {
            let changed = try run("mnist-vit", overrides: [("train.sampler", "{kind: shift, \(text)}")])
            let again = try RunSpecification.parse(yaml: changed.resolvedYAML, file: "again.yaml")
            #expect(again.train == changed.train)
            return try #require(changed.train?.sampler.settings as? ShiftSettings)
        }
        let usual = try shift("estimator: progress")
        #expect(usual.memory == 64 && usual.contrast == 0.5 && usual.floor == 0.2 && usual.objective == .equal)
        let weights = try shift("bins: 3, estimator: progress, weights: [1, 0, 2.5]")
        #expect(weights.objective == .weights([1, 0, 2.5]))
        let budgets = try shift("bins: 4, estimator: progress, budgets: [1.5M, 2000000]")
        #expect(budgets.objective == .budgets([1_500_000, 2_000_000]))
        let space = try SearchSpace.parse(yaml: TinySpace.yaml(), file: "tiny.yaml")
        let bins = CostBins(space, count: 3)
        #expect(
            weights.weights(of: bins, shares: nil) == [1 / 3.5, 0, 2.5 / 3.5]
                && usual.weights(of: bins, shares: nil) == [1 / 3.0, 1 / 3.0, 1 / 3.0])
        // Bins without architectures: no weight can be theirs, and what is within a budget is in a cheaper bin.
        let many = CostBins(space, count: 64)
        let shares = CostDistribution(space, bins: many).uniformShares
        let empty = try #require(shares.firstIndex(of: 0)), full = try #require(shares[..<empty].lastIndex { $0 > 0 })
        let ones = Array(repeating: "1", count: 64).joined(separator: ", ")
        let uneven = try shift("bins: 64, estimator: progress, weights: [\(ones)]")
        let refusal = #expect(throws: RunError.self) { try uneven.check(in: space) }
        #expect(
            refusal?.description.contains(
                "train.sampler.weights: bin \(empty + 1) of 64 has a weight, and the space 'tiny' has no architecture")
                == true)
        let within = try shift("bins: 64, estimator: progress, budgets: [\(Int(many.target(empty)))]")
        try within.check(in: space)
        #expect(within.weights(of: many, shares: shares).firstIndex(of: 1) == full)
        // Other estimators are stored as they always were.
        #expect(try !run("cifar-shift").resolvedYAML.contains("contrast"))

        for (text, expected) in [
            ("weights: [1, 2]", "expected no weights with estimator expected"),
            ("bins: 3, estimator: progress, weights: [1, 2]", "expected 3 weights, one for each bin, found 2"),
            ("bins: 2, estimator: progress, weights: [0, 0]", "expected a weight above 0, found none"),
            ("bins: 2, estimator: progress, weights: [1, x]", "expected a list of numbers from 0"),
            ("bins: 2, estimator: progress, weights: [1, -1]", "expected a list of numbers from 0"),
            ("estimator: progress, budgets: []", "expected a list of costs from 1 to below 1e15, found none"),
            ("estimator: progress, budgets: 5M", "expected a list of costs from 1 to below 1e15, found"),
            ("bins: 2, estimator: progress, weights: [1, 1], budgets: [5M]", "expected weights or budgets, found both"),
            ("bins: 256, estimator: progress, memory: 1000, samples: 100000", "of at most 1000000"),
        ] {
            let found = faults { try run("mnist-vit", overrides: [("train.sampler", "{kind: shift, \(text)}")]) }
            #expect(found.contains { $0.contains(expected) }, "\(text): \(found)")
        }
        #expect(throws: RunError.self) { try shift("estimator: progress, budgets: [10]").check(in: space) }
    }

    @Test func overridesReachListItems() throws {
        let changed = try run(
            "mnist-vit",
            overrides: [("search.constraints.0.atMost", "5e5"), ("search.objectives.1.metric", "params")])
        #expect(changed.search?.constraints == [Constraint(metric: .params, atMost: 5e5)])
        #expect(changed.search?.objectives.map(\.metric) == [.accuracy, .params])
        #expect(!faults { try run("mnist-vit", overrides: [("search.constraints.1.atMost", "5")]) }.isEmpty)
        #expect(!faults { try run("mnist-vit", overrides: [("search.constraints.first", "5")]) }.isEmpty)
    }

    /// What is measured may be noisy, what is exact is not; a run that tells no noise is resolved as it always was.
    @Test func objectivesMayBeNoisy() throws {
        func objectives(_ text: String) throws -> RunSpecification {
            try run("mnist-vit", overrides: [("search.objectives", text)])
        }
        let noisy = try objectives("[{metric: accuracy, noise: 0.002}, {metric: multiplyAdds}]")
        #expect(noisy.objectives.map(\.noise) == [0.002, 0])
        #expect(noisy.resolvedYAML.contains("{metric: accuracy, goal: maximize, noise: 0.002}"))
        let again = try RunSpecification.parse(yaml: noisy.resolvedYAML, file: "r")
        #expect(again == noisy && again.objectives[0].withoutNoise.noise == 0)
        #expect(try !run("mnist-vit").resolvedYAML.contains("noise"))
        let exact = faults { try objectives("[{metric: params, noise: 5}]") }
        #expect(exact.count == 1 && exact[0].contains("expected no noise of params, which is exact"), "\(exact)")
        for value in ["0", "-1", "much"] {
            #expect(faults { try objectives("[{metric: accuracy, noise: \(value)}]") }.count == 1)
        }
    }

    /// An objective may be reached, and objectives may be added up, all of them or none.
    @Test func objectivesMayHaveTargetsOrWeights() throws {
        func objectives(_ text: String) throws -> RunSpecification {
            try run("mnist-vit", overrides: [("search.objectives", text)])
        }
        let reached = try objectives("[{metric: accuracy, target: 0.97}, {metric: multiplyAdds}]")
        #expect(reached.objectives.map(\.target) == [0.97, nil] && !reached.objectives.areWeighted)
        #expect(reached.resolvedYAML.contains("{metric: accuracy, goal: maximize, target: 0.97}"))
        #expect(try RunSpecification.parse(yaml: reached.resolvedYAML, file: "r") == reached)
        let weighed = try objectives("[{metric: accuracy, weight: 1}, {metric: multiplyAdds, weight: 1e-9}]")
        #expect(weighed.objectives.axes == 1 && weighed.objectives.leadingGoal == .maximize)
        #expect(try RunSpecification.parse(yaml: weighed.resolvedYAML, file: "r") == weighed)
        let half = faults { try objectives("[{metric: accuracy, weight: 1}, {metric: multiplyAdds}]") }
        #expect(half.count == 1 && half[0].contains("a weight of every objective or of none"), "\(half)")
        let far = faults { try objectives("[{metric: accuracy, target: 97}]") }
        #expect(far.count == 1 && far[0].contains("expected a value of accuracy, from 0 to 1"), "\(far)")
        for value in ["0", "-1", "much"] {
            #expect(faults { try objectives("[{metric: accuracy, weight: \(value)}]") }.count == 1)
        }
    }

    /// Candidates may be pending, and architectures asked first; both are part of what a run is.
    @Test func pendingAndSeeds() throws {
        let seeded = try run(
            "mnist-vit",
            overrides: [
                ("search.pending", "8"),
                ("search.seeds", "['embed=64;depth=4;heads=2,2,2,2;mlpRatio=2,2,2,2']"),
            ])
        #expect(seeded.search?.pending == 8 && seeded.search?.seeds.count == 1)
        #expect(try RunSpecification.parse(yaml: seeded.resolvedYAML, file: "r") == seeded)
        try seeded.checkBounds(in: try SearchSpacesTests.space("vit-mnist"))
        let foreign = try run("mnist-vit", overrides: [("search.seeds", "['embed=65']")])
        #expect(throws: RunError.self) { try foreign.checkBounds(in: try SearchSpacesTests.space("vit-mnist")) }
        let raced = faults {
            try run(
                "mnist-vit",
                overrides: [("search.algorithm", "nsga2"), ("search.pending", "8"), ("search.racing.bound", "exact")])
        }
        #expect(raced.count == 1 && raced[0].contains("no pending candidates with racing"), "\(raced)")
        #expect(faults { try run("mnist-vit", overrides: [("search.pending", "1")]) }.count == 1)
        #expect(faults { try run("mnist-vit", overrides: [("search.seeds", "[1, {a: 2}]")]) }.count >= 1)
    }

    /// A run keeps at most 2,000 records unless asked for more; how many there are is not part of what it is.
    @Test(arguments: [(1, 1), (2000, 1), (2001, 2), (4000, 2), (1_000_000_000, 500_000)])
    func recordsAreFewByDefault(steps: Int, every: Int) throws {
        let plain = try run(
            "mnist-vit", overrides: [("train.steps", "\(steps)"), ("train.optimizer.warmup", "0")])
        #expect(plain.train?.recordEvery == every && steps / every <= 2000)
        #expect(plain.resolvedYAML.contains("recordEvery: \(every)\n"))
        let dense = try plain.overridden("train.recordEvery", "7")
        #expect(dense.train?.recordEvery == 7)
        #expect(dense.differences(from: plain) == ["train.recordEvery"])
        #expect(dense.decisiveDifferences(from: plain).isEmpty && dense.fingerprint == plain.fingerprint)
        // As an earlier version stored it.
        let earlier = plain.resolvedYAML.replacing(/\ *recordEvery: \d+\n/, with: "")
        #expect(earlier != plain.resolvedYAML)
        let again = try RunSpecification.parse(yaml: earlier, file: "r", origin: .store)
        #expect(again == plain && again.differences(from: plain).isEmpty)
        for value in ["0", "-1", "1.5", "auto"] {
            #expect(faults { _ = try plain.overridden("train.recordEvery", value) }.count == 1, "\(value)")
        }
    }

    @Test func unknownEventsAreFaults() {
        let found = faults {
            try run(
                "mnist-vit",
                overrides: [("webhook", "{url: \"https://a\", secret: s, events: [run.*, run.pausd, nothing.*]}")])
        }
        #expect(found.count == 2)
        #expect(found.first?.hasSuffix("did you mean 'run.paused'?") == true, "\(found)")
    }

    @Test func unknownFormatIsOneFault() {
        #expect(faults { try run("mnist-vit", overrides: [("data.format", "text")]) }.count == 1)
    }

    @Test func aSupernetTakesThePlaceOfTraining() throws {
        func parse(_ sections: String, origin: DocumentOrigin = .user) throws -> RunSpecification {
            try RunSpecification.parse(
                yaml: "apiVersion: nasd/v1\nkind: Run\nname: x\nspace: y\ndata: {format: glyphs}\n" + sections,
                file: "r",
                origin: origin)
        }
        let search = "search: {objectives: [{metric: accuracy}]}\n"
        let run = try parse(search + "supernet: {run: mnist-vit}\n")
        #expect(run.supernet?.run == "mnist-vit" && run.supernet?.step == nil && run.isSourceOpen && run.steps == 0)
        #expect(run.hasNetworks && run.train == nil && run.finalists == 10 && run.weightsStep == 0)
        // Settled, it reads back from the store, and as its file from there.
        let settled = run.settled(sourceStep: 30)
        #expect(settled.weightsStep == 30 && settled.asHandedIn == run && !settled.isSourceOpen)
        let again = try RunSpecification.parse(yaml: settled.resolvedYAML, file: "r", origin: .store)
        #expect(again == settled && again.resolvedYAML == settled.resolvedYAML)
        #expect(try RunSpecification.parse(yaml: run.resolvedYAML, file: "r") == run)
        #expect(run.decisiveDifferences(from: settled).isEmpty && settled.decisiveDifferences(from: run).isEmpty)
        #expect(try run.continuing(settled) == settled)
        let named = try parse(search + "supernet: {run: mnist-vit, step: 30}\n")
        #expect(named.decisiveDifferences(from: settled) == ["supernet.step"])
        #expect(named.settled(sourceStep: 40) == named && named.fingerprint == settled.fingerprint)
        #expect(named.searching("other").decisiveDifferences(from: named) == ["supernet.run"])
        // What does not go together.
        for (sections, expected) in [
            ("supernet: {run: a}\n", "search: expected a mapping, found nothing"),
            (
                search + "supernet: {run: a}\ntrain: {steps: 5}\n",
                "train: expected no training, since the supernet of another"
            ),
            (search + "supernet: {}\n", "supernet.run: expected the name, id or data directory of a run"),
            (search + "supernet: {run: a, step: 0}\n", "supernet.step: expected a whole number from 1"),
            (search + "supernet: {run: a, newest: true}\n", "supernet.newest: expected one of the keys run, step"),
            (
                "search: {objectives: [{metric: accuracy}], during: {every: 5}}\nsupernet: {run: a}\n",
                "search.during: expected no rounds during training"
            ),
            (
                search
                    + "supernet: {run: a}\nevaluator: {kind: table, file: a.csv, key: {column: k, template: '{a}'}}\n",
                "supernet: expected no supernet"
            ),
        ] {
            let found = faults { try parse(sections) }
            #expect(found.contains { $0.contains(expected) }, "\(sections): \(found)")
        }
    }

    @Test func stepsToKeep() throws {
        func kept(_ overrides: (key: String, value: String)...) throws -> [Int]? {
            try run("mnist-vit", overrides: overrides).train?.keep
        }
        #expect(try kept() == [] && kept(("train.keep", "[2000, 500, 2000]")) == [500, 2000])
        let some = try run("mnist-vit", overrides: [("train.keep", "[500]")]), none = try run("mnist-vit")
        #expect(try RunSpecification.parse(yaml: some.resolvedYAML, file: "r") == some)
        #expect(some.decisiveDifferences(from: none) == ["train.keep"])
        #expect(try none.continuing(some).train?.keep == [])
        #expect(!none.resolvedYAML.contains("keep") && some.train?.alone.keep == [])
        let found = faults { try kept(("train.keep", "[0, many, 17001]")) }
        #expect(found.count == 3 && found.last?.contains("at most the 17000 steps") == true, "\(found)")
        #expect(!faults { try kept(("train.keep", "500")) }.isEmpty)
        let budget = try run(
            "mnist-vit",
            overrides: [
                ("train.budget.minutes", "5"), ("train.keep", "[500]"), ("train.optimizer.warmup", "0"),
            ])
        #expect(throws: RunError.self) { try budget.settled(steps: 400) }
        #expect(try budget.settled(steps: 600).train?.keep == [500])
    }

    @Test func weightsToBeginWith() throws {
        let drawn = try run("mnist-vit"),
            started = try run("mnist-vit", overrides: [("train.start", "/w/a b.safetensors")])
        #expect(drawn.train?.start == nil && started.train?.start == "/w/a b.safetensors")
        #expect(try RunSpecification.parse(yaml: started.resolvedYAML, file: "r") == started)
        #expect(started.decisiveDifferences(from: drawn) == ["train.start"] && started.fingerprint == drawn.fingerprint)
        #expect(try drawn.continuing(started).train?.start == nil && started.train?.alone.start == nil)
    }

    @Test func trainingsOfFinalists() throws {
        let plain = try run("mnist-vit")
        #expect(plain.finalistTrainings.isEmpty && !plain.resolvedYAML.contains("tune"))
        let both = try run(
            "mnist-vit",
            overrides: [
                ("validate.tune", "{steps: 500, teacher: largest}"), ("validate.retrain", "{steps: 300, rate: 0.01}"),
            ])
        #expect(both.finalistTrainings.map(\.stage) == [.tuned, .retrained])
        let tune = both.finalistTrainings[0].train, retrain = both.finalistTrainings[1].train
        // What is left out is as the supernet is trained: a tenth of its rate, without a warm-up; alone with a tenth of the steps.
        #expect(tune.steps == 500 && tune.batch == plain.train?.batch && tune.optimizer.rate == 0.004 * 0.1)
        #expect(tune.optimizer.warmup == 0 && tune.optimizer.weightDecay == plain.train?.optimizer.weightDecay)
        #expect(tune.distillation?.weight == 0.5 && retrain.distillation == nil)
        #expect(retrain.optimizer.rate == 0.01 && retrain.optimizer.warmup == 30)
        let again = try RunSpecification.parse(yaml: both.resolvedYAML, file: "r")
        #expect(again == both && again.resolvedYAML == both.resolvedYAML && again.fingerprint == both.fingerprint)
        #expect(both.fingerprint != plain.fingerprint)
        let names = RunMetrics(both, space: try space("vit-mnist")).values.map(\.name)
        #expect(names.suffix(4) == ["validationAccuracy", "tunedAccuracy", "retrainedAccuracy", "testAccuracy"])
        for (key, value, expected) in [
            ("validate.tune", "{}", "validate.tune.steps: expected a whole number"),
            ("validate.tune", "{steps: 5, warmup: 6}", "at most the 5 steps of training"),
            ("validate.tune", "{steps: 5, weight: 0.5}", "expected a teacher"),
            ("validate.tune", "{steps: 5, shards: 9, batch: 8}", "at most batch 8"),
            ("validate.retrain", "{steps: 5, teacher: smallest}", "validate.retrain.teacher"),
            ("validate", "{finalists: 0, tune: {steps: 5}}", "expected finalists to train"),
        ] {
            let found = faults { try run("mnist-vit", overrides: [(key, value)]) }
            #expect(found.contains { $0.contains(expected) }, "\(found)")
        }
    }

    /// The file of another search is that of the run, without what trains.
    @Test func aFileOfAnotherSearch() throws {
        let trained = try run("mnist-vit")
        let text = trained.searchFile(of: "/w/nasd-runs/mnist-vit", name: RunSpecification.searchName(of: trained.name))
        let searched = try RunSpecification.parse(yaml: text, file: "s", overrides: [("search.evaluations", "250")])
        #expect(searched.name == "mnist-vit-search" && searched.supernet?.run == "/w/nasd-runs/mnist-vit")
        #expect(searched.data == trained.data && searched.constraints == trained.constraints)
        #expect(searched.search?.evaluations == 250 && searched.search?.during == nil && searched.seed == trained.seed)
        let long = RunSpecification.searchName(of: String(repeating: "n", count: 64))
        #expect(long.count == 64 && long.hasSuffix("n-search"))
    }

    @Test func faultsOfTheFileArePlaced() {
        let found = faults {
            try RunSpecification.parse(
                yaml: "apiVersion: nasd/v1\nkind: Run\nname: x\nspace: y\ndata: {format: glyphs}\nsearch: 5\n",
                file: "r"
            )
        }
        #expect(
            found == [
                "r:1:1: train: expected a mapping, found nothing; hint: or name a trained supernet, or an evaluator that needs no "
                    + "training, such as {kind: table}",
                "r:6:9: search: expected a mapping, found '5'",
            ])
    }

    @Test func defaultsAreFilled() throws {
        let run = try RunSpecification.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: Run
                name: x
                space: y
                data: {format: glyphs}
                train: {steps: 10, batch: 4}
                search: {objectives: [{metric: accuracy}, {metric: params}], during: {every: 5}}
                """, file: "r")
        #expect(run.train?.shards == 4)
        #expect(run.train?.distillation == nil)
        let glyphs = try #require(run.data?.source as? GlyphSettings)
        #expect(glyphs.count == 8000 && glyphs.testCount == 2000)
        #expect(run.search?.objectives.map(\.goal) == [.maximize, .minimize])
        #expect(run.search?.during?.evaluations == 50)
        #expect(run.search?.samples == 1000)
    }
}

extension RunSpecification {
    /// The run with another value of a key.
    fileprivate func overridden(_ key: String, _ value: String) throws -> RunSpecification {
        try RunSpecification.parse(yaml: resolvedYAML, file: "r", overrides: [(key, value)])
    }
}
