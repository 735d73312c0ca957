import Documents
import Runs
import SearchSpaces
import TestSupport
import Testing

/// Multiply-adds or minutes in place of steps.
@Suite struct TrainBudgetTests {
    private func file(_ train: String, data: String = "sampler: 100") -> String {
        """
        apiVersion: nasd/v1
        kind: Run
        name: tiny
        space: tiny
        data: {format: glyphs, holdOut: {validation: 100, \(data)}}
        train: {batch: 10, shards: 4, \(train)}
        search: {objectives: [{metric: accuracy}]}
        """
    }

    private func parse(
        _ train: String, data: String = "sampler: 100", overrides: [(key: String, value: String)] = []
    ) throws -> RunSpecification {
        try RunSpecification.parse(yaml: file(train, data: data), file: "r", overrides: overrides)
    }

    private let space = Result { try SearchSpace.parse(yaml: tinySpace, file: "tiny.yaml") }

    /// Of every combination of options, inactive decisions too, as uniform draws have it.
    private func all(_ space: SearchSpace, _ count: (Genome) -> Int) -> [Double] {
        combinations(space).map { Double(count($0)) }
    }

    private func combinations(_ space: SearchSpace) -> [Genome] {
        space.decisions.reduce(into: [[UInt8]()]) { genomes, decision in
            genomes = genomes.flatMap { start in decision.options.indices.map { start + [UInt8($0)] } }
        }.map { Genome($0) }
    }

    private func sum(_ space: SearchSpace, _ value: (Genome) -> Double) -> Double {
        combinations(space).map(value).reduce(0, +)
    }

    private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

    // MARK: Reading

    @Test func oneOfThreeIsAsked() throws {
        #expect(try parse("steps: 5").budget == nil)
        for (text, count) in [("2T", 2e12), ("1.5G", 1.5e9), ("2e12", 2e12), ("7", 7)] {
            #expect(try parse("budget: {multiplyAdds: \(text)}").budget == .multiplyAdds(count))
        }
        #expect(try parse("budget: {minutes: 20}").budget == .minutes(20))
        #expect(try parse("budget: {minutes: 0.5}").budget == .minutes(0.5))
        let one =
            "train.steps: expected exactly one of steps, budget.multiplyAdds and budget.minutes, found none of them"
        #expect(faults { try parse("labelSmoothing: 0") } == ["r:6:8: " + one])
        let both = "train.budget: expected exactly one of steps, budget.multiplyAdds and budget.minutes, found "
        let hint = "; hint: take out all but one"
        for (text, found) in [
            ("budget: {minutes: 1}, steps: 5", "steps and budget.minutes" + hint),
            ("budget: {minutes: 1, multiplyAdds: 1G}", "budget.minutes and budget.multiplyAdds" + hint),
            (
                "steps: 5, budget: {minutes: 1, multiplyAdds: 1G}",
                "steps, budget.minutes and budget.multiplyAdds" + hint
            ),
            ("budget: {}", "none of them"),
        ] {
            let told = faults { try parse(text) }
            #expect(told.count == 1 && told[0].hasSuffix(both + found), "\(told)")
        }
        for (text, fault) in [
            (
                "{multiplyAdds: 0}",
                "train.budget.multiplyAdds: expected a number from 1 to 1e+24, such as 2T, found '0'"
            ),
            ("{multiplyAdds: much}", "train.budget.multiplyAdds: expected a number from 1 to 1e+24, such as 2T"),
            ("{minutes: 0}", "train.budget.minutes: expected a number above 0 and at most 1000000, found '0'"),
            ("{hours: 1}", "train.budget.hours: expected one of the keys multiplyAdds, minutes, found 'hours'"),
            ("5", "train.budget: expected a mapping, found '5'"),
        ] {
            let told = faults { try parse("budget: \(text)") }
            #expect(told.contains { $0.contains(fault) }, "\(told)")
        }
    }

    @Test func theCommandLineOutdoesTheFile() throws {
        let minutes = "budget: {minutes: 3}"
        #expect(try parse(minutes, overrides: [("train.steps", "7")]).steps == 7)
        #expect(try parse(minutes, overrides: [("train.steps", "7")]).budget == nil)
        #expect(try parse("steps: 7", overrides: [("train.budget.minutes", "2")]).budget == .minutes(2))
        #expect(try parse(minutes, overrides: [("train.budget.multiplyAdds", "1G")]).budget == .multiplyAdds(1e9))
        #expect(
            faults { try parse("labelSmoothing: 0", overrides: [("train.steps", "7"), ("train.budget.minutes", "2")]) }
                .contains { $0.contains("found steps and budget.minutes") })
        // What a kind that was overridden leaves behind is no setting of the other.
        let left = try parse(
            minutes + ", sampler: {kind: sandwich, random: 3}", overrides: [("train.sampler.kind", "uniform")])
        #expect(try left.settled(steps: 9).train?.sampler.kind == "uniform")
    }

    // MARK: Closed form

    @Test func meansAreThoseOfAllDraws() throws {
        let space = try space.get(), costs = all(space) { space.cost(of: $0).multiplyAdds }
        #expect(abs(space.meanCost(by: .multiplyAdds) - mean(costs)) < 1e-6 * mean(costs))
        // Where options lean, each combination by the product of its options' probabilities.
        for lean in [0.3, 2] {
            let probabilities = space.decisions.map { $0.probabilities(lean: lean) }
            #expect(probabilities.allSatisfy { abs($0.reduce(0, +) - 1) < 1e-12 })
            #expect(probabilities.allSatisfy { zip($0, $0.dropFirst()).allSatisfy { abs($1 / $0 - lean) < 1e-9 } })
            let mean = space.meanCost(by: .multiplyAdds, lean: lean)
            let expected = sum(space) { genome in
                let weight = zip(genome.choices, probabilities).map { $1[Int($0)] }.reduce(1, *)
                return weight * Double(space.cost(of: genome).multiplyAdds)
            }
            #expect(abs(mean - expected) < 1e-6 * mean)
        }
        let bins = CostBins(space, count: 5)
        let means = CostDistribution(space, bins: bins).uniformMeans
        for bin in 0..<5 {
            let inside = costs.filter { bins.bin(of: Int($0)) == bin }
            guard let found = means[bin] else {
                #expect(inside.isEmpty)
                continue
            }
            #expect(abs(found - mean(inside)) < 1e-6 * found)
        }
    }

    /// A budget of what some steps execute comes to these steps, and one of a little less to one less.
    private func check(
        _ train: String, steps: Int, comeTo expected: Double, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let space = try space.get()
        for (budget, wanted) in [(expected * (1 + 1e-9), steps), (expected * (1 - 1e-9), steps - 1)] {
            let run = try parse("budget: {multiplyAdds: \(budget)}, \(train)").settled(in: space)
            #expect(run.steps == wanted, sourceLocation: sourceLocation)
        }
        let plain = try parse("steps: \(steps), \(train)")
        let work = try #require(TrainingWork(plain, in: space)).total
        #expect(abs(work - expected) <= 1e-9 * expected, "\(work) \(expected)", sourceLocation: sourceLocation)
    }

    @Test func multiplyAddsBecomeStepsByWhatAStepExecutes() throws {
        let space = try space.get(), all = mean(all(space, space.executedMultiplyAdds))
        let small = Double(space.executedMultiplyAdds(of: space.smallest))
        let large = Double(space.executedMultiplyAdds(of: space.largest))
        // Batches of 10; forward 1, backward 2.
        try check("sampler: {kind: uniform}", steps: 50, comeTo: 50 * 30 * all)
        try check("sampler: {kind: multi, lean: 1}", steps: 50, comeTo: 50 * 30 * all)
        try check("sampler: {kind: sandwich, random: 3}", steps: 50, comeTo: 50 * 30 * (small + large + 3 * all))
        // Four shards of 10 examples: 2, 3, 2 and 3 of them.
        try check(
            "sampler: {kind: multi, ends: true, lean: 1}", steps: 50, comeTo: 50 * 3 * (2 * large + 3 * small + 5 * all)
        )
        // The teacher runs forward in the last 35 of 50 steps; in a sandwich it is drawn, and uniform draws have none.
        let taught = "distillation: {start: 0.3}"
        try check(
            "sampler: {kind: multi, lean: 1}, \(taught)", steps: 50, comeTo: 50 * 30 * all + 35 * 10 * large)
        try check("sampler: {kind: uniform}, \(taught)", steps: 50, comeTo: 50 * 30 * all)
        try check(
            "sampler: {kind: sandwich, random: 1}, \(taught)", steps: 50, comeTo: 50 * 30 * (small + large + all))
        try check("sampler: {kind: multi, lean: 1}, distillation: {weight: 0}", steps: 50, comeTo: 50 * 30 * all)
        // One step in four at full width; probabilities that stay measure nothing.
        let middle = (small + large) / 2
        try check(
            "sampler: {kind: shift, rate: 0}", steps: 50, comeTo: 50 * 30 * (0.75 * middle + 0.25 * large))
        try check(
            "sampler: {kind: shift, rate: 0}, distillation: {weight: 1}", steps: 50,
            comeTo: 50 * 30 * (0.75 * middle + 0.25 * large + large))
        // At steps 10, 20 … 50: one subnet begins at each of five visits and is measured again at the next; 96 of 100 examples.
        try check(
            "sampler: {kind: shift, estimator: sampled, warm: 10, period: 10}", steps: 50,
            comeTo: 50 * 30 * (0.75 * middle + 0.25 * large) + 9 * 96 * middle)
        // Two masked passes at each visit but the first.
        try check(
            "sampler: {kind: shift, estimator: literal, warm: 10, period: 10}", steps: 50,
            comeTo: 50 * 30 * (0.75 * middle + 0.25 * large) + 4 * 6 * 10 * large)
    }

    /// Panels as the sampler keeps them, visit by visit.
    @Test(arguments: [(0, 7, 3, 1), (5, 3, 4, 2), (40, 1, 5, 5), (60, 9, 2, 1), (1, 10, 7, 3)])
    func measuringIsCounted(warm: Int, period: Int, window: Int, panels: Int) throws {
        let space = try space.get(), steps = 50
        let text =
            "{kind: shift, bins: 5, warm: \(warm), period: \(period), window: \(window), panels: \(panels), samples: 64}"
        let settings = try #require(try parse("steps: \(steps), sampler: \(text)").train?.sampler.settings)
        var ages: [Int] = [], measured = 0, visits = 0
        for step in 1...steps where step >= warm && (step - warm) % period == 0 {
            measured += ages.count
            ages = ages.map { $0 + 1 }.filter { $0 < window }
            if visits % ((window + panels - 1) / panels) == 0 {
                ages.append(0)
                measured += 1
            }
            visits += 1
        }
        let costs = SubnetCosts(space)
        let found = settings.measuring(costs, steps: steps, batch: 10, heldOut: 1000)
        #expect(found == Double(5 * measured * 64) * (costs.smallest + costs.largest) / 2)
    }

    @Test func budgetsThatAreNoTrainingAreRefused() throws {
        let space = try space.get()
        func refusal(_ train: String) throws -> String? {
            let run = try parse(train).settled(in: space)
            do throws(RunError) { try run.checkBounds(in: space) } catch { return error.description }
            return nil
        }
        #expect(try refusal("budget: {multiplyAdds: 1G}") == nil && refusal("budget: {minutes: 1}") == nil)
        let little = try #require(try refusal("budget: {multiplyAdds: 10}"))
        #expect(
            little.hasPrefix("train.budget: a budget of 10 multiply-adds is less than one step, which takes about "))
        #expect(little.hasSuffix(" times as much; give more, or lower train.batch"))
        #expect(try refusal("budget: {multiplyAdds: 1e24}")?.contains("more than the 1000000000 steps") == true)
        let warmup = try #require(try refusal("budget: {multiplyAdds: 100M}, optimizer: {warmup: 1000000}"))
        #expect(warmup.hasPrefix("train.optimizer.warmup: expected at most the "), "\(warmup)")
        #expect(warmup.contains("steps of training, found '1000000', where train.budget comes to "))
        let half = #expect(throws: DocumentError.self) { try parse("steps: 40, optimizer: {warmup: 1.5}") }
        let asked = "train.optimizer.warmup: expected a whole number of steps, or a share of them below 1, found '1.5'"
        #expect(half?.description.contains(asked) == true, "\(String(describing: half))")
        let minutes = try parse("budget: {minutes: 0.001}")
        #expect(throws: RunError.self) { try minutes.settled(in: space, multiplyAddsPerSecond: 1) }
        let cost = SubnetCosts(space).mean
        let ten = try parse("budget: {minutes: 2}, sampler: {kind: uniform}").settled(
            in: space, multiplyAddsPerSecond: 30 * cost * 10.5 / 120)
        #expect(ten.steps == 10 && ten.budget == .minutes(2))
        // A warm-up is a tenth, or the share that is asked for.
        #expect(ten.train?.optimizer.warmup == 1)
        let share = try parse("budget: {minutes: 2}, optimizer: {warmup: 0.34}").settled(steps: 50)
        #expect(share.train?.optimizer.warmup == 17)
        let steps = try parse("steps: 50, optimizer: {warmup: 0.34}")
        #expect(steps.train?.optimizer == share.train?.optimizer && steps.fingerprint == share.fingerprint)
        // A share grows with the steps of a run that goes on; what is left open stays.
        let longer = try parse("steps: 100, optimizer: {warmup: 0.34}"), grown = longer.extending(steps)
        #expect(grown?.steps == 100 && grown?.train?.optimizer.warmup == 34)
        #expect(try grown.map { try longer.continuing($0) } == grown)
        let open = try parse("steps: 100").extending(try parse("steps: 50"))
        #expect(open?.steps == 100 && open?.train?.optimizer.warmup == 5)
        #expect(try parse("steps: 70, optimizer: {warmup: 0.3}").extending(steps) == nil)
    }

    // MARK: Identity

    @Test func whatFollowsFromTheStepsFollowsFromABudget() throws {
        let space = try space.get()
        let sampler = "sampler: {kind: shift, temperature: {end: 0.5}}, distillation: {}"
        let run = try parse("budget: {multiplyAdds: 20G}, \(sampler)").settled(in: space)
        let plain = try parse("steps: \(run.steps), \(sampler)")
        #expect(run.steps > 2000 && run.train?.sampler == plain.train?.sampler)
        #expect(run.train?.recordEvery == plain.train?.recordEvery && run.train?.distillation != nil)
        #expect(run.fingerprint == plain.fingerprint && run.differences(from: plain) == ["train.budget.multiplyAdds"])
        #expect(run.decisiveDifferences(from: plain).isEmpty && plain.decisiveDifferences(from: run).isEmpty)
        // As it is stored.
        let stored = try RunSpecification.parse(yaml: run.resolvedYAML, file: "r", origin: .store)
        #expect(stored.resolvedYAML == run.resolvedYAML && stored.steps == run.steps && stored.budget == run.budget)
        #expect(stored.settled(in: space).resolvedYAML == run.resolvedYAML)
        #expect(run.decisiveDifferences(from: stored).isEmpty)
        #expect(faults { try RunSpecification.parse(yaml: run.resolvedYAML, file: "r") }.count == 1)
    }

    @Test func budgetsAreHeldAgainstOneAnother() throws {
        let space = try space.get()
        let four = try parse("budget: {multiplyAdds: 4G}").settled(in: space)
        let two = try parse("budget: {multiplyAdds: 2G}").settled(in: space)
        #expect(four.steps > two.steps && four.decisiveDifferences(from: two) == ["train.budget.multiplyAdds"])
        let open = try parse("budget: {minutes: 20}"), other = try parse("budget: {minutes: 30}")
        let begun = try open.settled(steps: 4321)
        #expect(open.isBudgetOpen && open.steps == 0 && !begun.isBudgetOpen && begun.steps == 4321)
        #expect(open.decisiveDifferences(from: begun).isEmpty && begun.decisiveDifferences(from: open).isEmpty)
        #expect(other.decisiveDifferences(from: begun) == ["train.budget.minutes"])
        #expect(other.decisiveDifferences(from: open) == ["train.budget.minutes"])
        #expect(try parse("budget: {minutes: 20}, dropout: 0.1").decisiveDifferences(from: begun) == ["train.dropout"])
        #expect(try parse("steps: 4321").decisiveDifferences(from: begun).isEmpty)
        #expect(try parse("steps: 4320").decisiveDifferences(from: begun) == ["train.steps", "train.budget.minutes"])
        // The same budget goes on with the steps that it came to, and no other does.
        #expect(try open.continuing(begun).resolvedYAML == begun.resolvedYAML)
        #expect(try other.continuing(begun) == other)
        #expect(try four.continuing(two) == four)
    }

    /// A run that a version of other defaults began goes on with those, and what a file says is held against it.
    @Test func whatAFileLeavesOpenIsAsTheRunBegan() throws {
        let overrides = [
            ("train.sampler", "{kind: uniform}"), ("train.optimizer", "{rate: 0.5, clip: 2}"),
            ("train.checkpointEvery", "9"),
        ]
        for extent in ["steps: 50", "budget: {minutes: 3}"] {
            let begun = try RunSpecification.parse(
                yaml: parse(extent, overrides: overrides).settled(steps: 50).resolvedYAML, file: "r", origin: .store)
            let open = try parse(extent)
            // No clip is no default.
            #expect(open.decisiveDifferences(from: begun) == ["train.optimizer.clip"])
            let clipped = try parse("\(extent), optimizer: {clip: 2}"), continued = try clipped.continuing(begun)
            #expect(clipped.decisiveDifferences(from: begun).isEmpty && clipped.train?.sampler.kind != "uniform")
            #expect(continued.resolvedYAML == begun.resolvedYAML && continued.fingerprint == begun.fingerprint)
            for (said, path) in [
                ("sampler: {kind: sandwich}", "train.sampler.kind"), ("checkpointEvery: 8", "train.checkpointEvery"),
                ("optimizer: {clip: 2, rate: 0.4}", "train.optimizer.rate"),
                ("distillation: {}", "train.distillation.teacher"),
            ] {
                let other = try parse("\(extent), \(said)")
                #expect(other.decisiveDifferences(from: begun).contains(path))
            }
            #expect(
                try parse(extent == "steps: 50" ? "steps: 51" : "budget: {minutes: 4}").continuing(begun).steps != 50)
        }
    }

    @Test func openBudgetsAreStoredAsTheyAreGiven() throws {
        let run = try parse("budget: {minutes: 20}, sampler: {kind: shift}, optimizer: {rate: 1e-3}")
        let stored = try RunSpecification.parse(yaml: run.resolvedYAML, file: "r", origin: .store)
        #expect(stored.isBudgetOpen && stored.resolvedYAML == run.resolvedYAML)
        #expect(!run.resolvedYAML.contains("recordEvery") && !run.resolvedYAML.contains("period"))
        #expect(try stored.settled(steps: 900).resolvedYAML == run.settled(steps: 900).resolvedYAML)
        let summary = RunSummary(run)
        #expect(summary.steps == 0 && RunSummary(text: summary.text) == summary)
    }

    /// A client hands in the budget, and a daemon turns it into the same steps.
    @Test func submissionsHaveTheBudgetAlone() throws {
        // Of the images that are generated.
        let space = try SearchSpace.parse(yaml: TinySpace.yaml(), file: "tiny.yaml")
        let run = try parse("budget: {multiplyAdds: 4G}, sampler: {kind: shift}")
        let handed = try RunSubmission(run, space: space)
        #expect(handed.specification.steps > 0)
        let taken = try RunSubmission.parse(yaml: handed.yaml, file: "document")
        #expect(taken.specification.settled(in: space).resolvedYAML == handed.specification.resolvedYAML)
    }

    @Test func countsAreToldWithThreeDigits() {
        let told = [2e12, 2.0512e12, 19.96e9, 456.7e6, 999.9e6, 1500, 12, 3.26].map(ShortNumber.counted)
        #expect(told == ["2T", "2.05T", "20G", "457M", "1G", "1.5k", "12", "3.3"])
    }
}
