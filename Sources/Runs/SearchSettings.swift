internal import Documents
public import SearchSpaces

/// How architectures are searched.
public struct SearchSettings: Sendable, Hashable {
    /// Search rounds while the supernet trains.
    public struct During: Sendable, Hashable {
        /// Training steps between rounds.
        public let every: Int
        /// Candidates of such a round; default the population.
        public let evaluations: Int
    }

    /// How candidates are proposed; default linas.
    public private(set) var algorithm: SearchAlgorithm
    /// What is made better; at least one.
    public private(set) var objectives: [Objective]
    /// The places of objectives whose goal nobody has said yet, and only a space can.
    private(set) var openGoals: [Int]
    /// What feasible candidates keep to.
    public let constraints: [Constraint]
    /// Candidates of one generation; default what is usual for the algorithm.
    public let population: Int
    /// Candidates of the last round, a generation at least; default 1000.
    public let evaluations: Int
    /// Validation examples that a candidate is measured on; default 1000 or all that are held out, if fewer. 0 where no
    /// examples are held out.
    public let samples: Int
    /// The most candidates that are asked and not yet told at any time, at least 2; nil for a generation at a time.
    public let pending: Int?
    /// Architectures that are asked first, as texts of genomes, in this order.
    public let seeds: [String]
    /// When a measurement stops before it has seen all samples; nil for never.
    public let racing: RacingSettings?
    /// Training examples that the norms of a candidate are measured on; nil where nothing says how many, and nothing has such
    /// norms.
    var calibration: Int?
    /// Rounds during training, or nil for none.
    public private(set) var during: During?
    /// When a round ends before its evaluations are used up; nil for not before.
    public let stop: StopRules?
    private let given: Given

    /// What a file says and does not leave to a default: two searches are the same whoever said so.
    private struct Given: Sendable, Hashable {
        let hasAlgorithm: Bool

        static func == (left: Given, right: Given) -> Bool { true }
        func hash(into hasher: inout Hasher) {}
    }

    /// - Parameters:
    ///   - metrics: What candidates are measured by.
    ///   - goalless: Those of them whose goal nobody has said yet.
    ///   - validation: Examples held out to measure on; nil for a run without any.
    ///   - trains: Whether there is a training that rounds may interrupt.
    init(_ reader: SectionReader, metrics: [Metric], goalless: [String] = [], validation: Int?, trains: Bool) {
        reader.describe([
            "algorithm": "how candidates are proposed: a kind, or {kind, …} with its own settings",
            "objectives": "what is made better; at least one",
            "objectives[]": "a metric to make better",
            "constraints": "what feasible candidates keep to",
            "constraints[]": "bounds of a metric",
            "population": "candidates of a generation; mostly 50",
            "evaluations": "candidates of the last round",
            "samples": "validation examples that a candidate is measured on",
            "racing": "when a candidate's measurement stops before it has seen all samples; without it never",
            "pending": "candidates that are asked and not yet told at any time; without it a generation",
            "seeds": "architectures that are asked first, as texts of the column genome",
            "seeds[]": "such as depth=4;width=2,3",
            "calibration":
                "training examples that norms of a candidate are measured on, in spaces with norms over examples",
            "during": "rounds of search while the supernet trains; without it none",
            "during.every": "training steps between rounds",
            "during.evaluations": "candidates of such a round; by default the population",
            "stop":
                "when a round ends before its evaluations are used up; at least one of target, stagnation and minutes",
        ])
        algorithm = SearchAlgorithm(of: reader)
        given = Given(hasAlgorithm: reader.has("algorithm"))
        (objectives, openGoals) = Self.objectives(reader, metrics, goalless)
        constraints = Self.constraints(reader, metrics)
        let usual = reader.integer("population", default: algorithm.usualPopulation, in: 2...100_000)
        let faultsBefore = reader.collector.count
        evaluations = reader.integer("evaluations", default: max(1000, usual), in: 2...1_000_000_000)
        population = reader.has("population") ? usual : min(usual, evaluations)
        if population > evaluations, reader.collector.count == faultsBefore {
            reader.report("expected at most the \(evaluations) evaluations, found '\(population)'", key: "population")
        }
        samples = Self.samples(reader, validation)
        racing = RacingSettings(
            of: reader, algorithm, objectives: objectives, constraints: constraints, hasSamples: validation != nil)
        pending = reader.optional("pending") { reader.integer("pending", in: 2...100_000) }
        if pending != nil, racing != nil {
            reader.report(
                "expected no pending candidates with racing, which compares those of a generation", key: "pending",
                hint: "take out either")
        }
        seeds = Self.seeds(reader)
        calibration = reader.calibration()
        let hasDuring = reader.has("during")
        let section = reader.section("during")
        if hasDuring, !trains {
            reader.report(
                "expected no rounds during training, since nothing is trained", key: "during", hint: "take it out")
            during = nil
        } else if hasDuring {
            during = During(
                every: section.integer("every", in: 1...1_000_000_000),
                evaluations: section.integer("evaluations", default: population, in: 1...1_000_000_000))
            section.finish()
        } else {
            during = nil
        }
        let (objectives, evaluations) = (objectives, evaluations)
        stop = reader.optional("stop") {
            let faultsBefore = reader.collector.count
            let section = reader.section("stop")
            if section.keys.isEmpty, reader.collector.count == faultsBefore {
                reader.report("expected target, stagnation or minutes, found nothing", key: "stop")
            }
            return StopRules(section, objectives: objectives, evaluations: evaluations)
        }
        reader.finish()
    }

    private static func samples(_ reader: SectionReader, _ validation: Int?) -> Int {
        guard let validation else {
            _ = reader.node("samples", isRequired: false, expected: "a whole number")
            if reader.has("samples") {
                reader.report("expected no samples, since there are no examples to measure on", key: "samples")
            }
            return 0
        }
        let samples = reader.integer("samples", default: min(1000, validation), in: 1...10_000_000)
        if samples > validation {
            reader.report(
                "expected at most the \(validation) of data.holdOut.validation, found '\(samples)'", key: "samples")
        }
        return samples
    }

    private static func seeds(_ reader: SectionReader) -> [String] {
        let expected = "a list of architectures, each as a text such as depth=4;width=2,3"
        return reader.list("seeds", isRequired: false, expected: expected).enumerated().compactMap { index, item in
            reader.text(item, path: "\(reader.path("seeds"))[\(index)]", expected: "an architecture")
        }
    }

    private static func objectives(
        _ reader: SectionReader, _ metrics: [Metric], _ goalless: [String]
    ) -> (all: [Objective], open: [Int]) {
        let items = reader.list(
            "objectives", isRequired: true, expected: "a list of objectives", least: "at least one objective")
        var seen: [Metric] = [], open: [Int] = []
        let objectives = items.enumerated().map { index, item in
            let path = "\(reader.path("objectives"))[\(index)]"
            let section = SectionReader(item, path: path, at: item.position, collector: reader.collector)
            section.describe([
                "metric": "a metric of the task, of the evaluator, or a cost of the space",
                "goal": "the direction in which it is better; by default the usual one",
                "noise": "standard deviation of a measurement; without it measuring is exact",
                "target": "a value beyond which it need not be better",
                "weight": "what a unit of the metric is worth, of every objective or of none",
            ])
            section.collector.note(section.path("metric"), .text)
            let known = reader.collector.count
            let metric = section.metric("metric", among: metrics)
            let isKnown = reader.collector.count == known
            let goal: Objective.Goal = section.word("goal", default: metric.goal, standIn: .maximize)
            if !section.has("goal"), goalless.contains(metric.name) { open.append(index) }
            // One that is unknown has a stand-in.
            if isKnown {
                if seen.contains(metric) {
                    section.report("expected each metric once, found '\(metric.name)' again", key: "metric")
                }
                seen.append(metric)
            }
            let noise = section.optional("noise") { () -> Double in
                if isKnown, metric.kind == .cost {
                    section.report(
                        "expected no noise of \(metric.name), which is exact", key: "noise", hint: "take it out")
                }
                return section.number("noise", in: 0...1e18, excludingLowest: true, isComputed: false)
            }
            let target = section.optional("target") { () -> Double in
                let value = section.number("target", in: -1e18...1e18, isComputed: false)
                if isKnown, !metric.range.contains(value) {
                    section.report(
                        "expected a value of \(metric.name), from \(ShortNumber.text(metric.range.lowerBound)) to "
                            + "\(ShortNumber.text(metric.range.upperBound)), found '\(ShortNumber.text(value))'",
                        key: "target")
                }
                return value
            }
            let weight = section.optional("weight") {
                section.number("weight", in: 0...1e18, excludingLowest: true, isComputed: false)
            }
            section.finish()
            return Objective(metric: metric, goal: goal, noise: noise ?? 0, target: target, weight: weight)
        }
        if objectives.areWeighted, let place = objectives.firstIndex(where: { $0.weight == nil }) {
            reader.report(
                "expected a weight of every objective or of none, found none of \(objectives[place].metric.name)",
                key: "objectives", hint: "a weight is what a unit of the metric is worth")
        }
        return (objectives, open)
    }

    /// The settings with the goals that are open, of those that some metrics have.
    func settled(by metrics: [Metric]) -> SearchSettings {
        var settled = self
        settled.openGoals.removeAll { place in
            guard let metric = metrics.first(where: { $0 == objectives[place].metric }) else { return false }
            settled.objectives[place] = objectives[place].toward(metric.goal)
            return true
        }
        return settled
    }

    /// The same search, by the algorithm of one that has begun where its file leaves that open.
    func leavingOpen(as begun: SearchSettings) -> SearchSettings {
        var settings = self
        if !given.hasAlgorithm { settings.algorithm = begun.algorithm }
        return settings
    }

    /// The same search on weights that nobody trains any more.
    var withoutRoundsDuringTraining: SearchSettings {
        var settings = self
        settings.during = nil
        return settings
    }

    private static func constraints(_ reader: SectionReader, _ metrics: [Metric]) -> [Constraint] {
        let items = reader.list("constraints", isRequired: false, expected: "a list of constraints")
        return items.enumerated().map { index, item in
            let path = "\(reader.path("constraints"))[\(index)]"
            let section = SectionReader(item, path: path, at: item.position, collector: reader.collector)
            let metric = section.metric("metric", among: metrics)
            section.describe([
                "metric": "a metric of the task, of the evaluator, or a cost of the space",
                "atLeast": "the least value; this or atMost, or both",
                "atMost": "the greatest value; this or atLeast, or both",
            ])
            section.collector.note(section.path("metric"), .text)
            let bounds = ["atLeast", "atMost"].map { key in
                _ = section.node(key, isRequired: false, expected: "a number")
                return section.has(key) ? section.number(key, in: -1e18...1e18, isComputed: false) : nil
            }
            if case .mapping = item.content, bounds[0] == nil, bounds[1] == nil {
                reader.collector.report("expected atLeast or atMost", at: item.position, path: path)
            }
            if let low = bounds[0], let high = bounds[1], low > high {
                section.report("expected at least atLeast \(ShortNumber.text(low))", key: "atMost")
            }
            section.finish()
            return Constraint(metric: metric, atLeast: bounds[0], atMost: bounds[1])
        }
    }

    func resolve(into resolved: inout ResolvedEntries) {
        resolved.add("search.algorithm", plain: algorithm.yaml)
        let goals = objectives.enumerated().map { place, objective in
            "{metric: \(objective.metric.name)"
                + (openGoals.contains(place) ? "" : ", goal: \(objective.goal.rawValue)")
                + (objective.noise > 0 ? ", noise: \(ShortNumber.text(objective.noise))" : "")
                + (objective.target.map { ", target: \(ShortNumber.text($0))" } ?? "")
                + (objective.weight.map { ", weight: \(ShortNumber.text($0))" } ?? "") + "}"
        }
        resolved.add("search.objectives", plain: "[\(goals.joined(separator: ", "))]")
        let bounds = constraints.map { constraint in
            var text = "{metric: \(constraint.metric.name)"
            if let low = constraint.atLeast { text += ", atLeast: \(ShortNumber.text(low))" }
            if let high = constraint.atMost { text += ", atMost: \(ShortNumber.text(high))" }
            return text + "}"
        }
        resolved.add("search.constraints", plain: "[\(bounds.joined(separator: ", "))]")
        resolved.add("search.population", population)
        resolved.add("search.evaluations", evaluations)
        if samples > 0 { resolved.add("search.samples", samples) }
        // Run files from before there was a choice keep their stored form.
        racing?.resolve(into: &resolved)
        if let pending { resolved.add("search.pending", pending) }
        if !seeds.isEmpty { resolved.add("search.seeds", quoted: seeds) }
        if let calibration { resolved.add("search.calibration", calibration) }
        if let during {
            resolved.add("search.during.every", during.every)
            resolved.add("search.during.evaluations", during.evaluations)
        }
        stop?.resolve(into: &resolved)
    }
}

extension SectionReader {
    /// One of some metrics by its name; `fallback` nil means the key is required.
    func metric(_ key: String, among metrics: [Metric], default fallback: Metric? = nil) -> Metric {
        let word = word(key, among: metrics.map(\.name), default: fallback?.name)
        return metrics.first { $0.name == word } ?? metrics[0]
    }
}
