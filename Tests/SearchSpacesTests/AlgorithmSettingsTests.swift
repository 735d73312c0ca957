import Documents
import Runs
import SearchSpaces
import Testing

/// `search.algorithm` of run files: a kind, or a kind with settings of its own.
@Suite struct AlgorithmSettingsTests {
    private func run(_ algorithm: String) throws -> RunSpecification {
        try SearchSpacesTests.run("mnist-vit", overrides: [("search.algorithm", algorithm)])
    }

    private func variation(_ algorithm: String) throws -> VariationSettings {
        let settings = try run(algorithm).search?.algorithm.settings
        if let evolution = settings as? EvolutionSettings { return evolution.variation }
        return try #require(settings as? any VaryingAlgorithmSettings).variation
    }

    @Test func ownSettingsAreRead() throws {
        #expect(try run("{kind: random}").search?.algorithm == SearchAlgorithm(kind: "random"))
        #expect(try run("{tournament: 2}").search?.algorithm == SearchAlgorithm(kind: "evolution"))
        #expect(
            try variation("{kind: nsga2, tournament: 4, crossoverRate: 0.5, mutationRate: 1}")
                == VariationSettings(tournament: 4, crossoverRate: 0.5, mutationRate: 1))
        #expect(try variation("{kind: evolution, mutationRate: 1e-50}").mutationRate == 1e-50)
        #expect(try run("{kind: nsga2, tournament: 4}").search?.algorithm.kind == "nsga2")
        #expect(SearchAlgorithm(kind: "annealing") == nil)
    }

    @Test func defaultsResolveToTheKindAlone() throws {
        for kind in SearchAlgorithm.kinds {
            let plain = try run(kind)
            #expect(plain.resolvedYAML.contains("\nsearch:\n  algorithm: \(kind)\n"))
            #expect(try run("{kind: \(kind)}") == plain)
            #expect(try run("{kind: \(kind)}").resolvedYAML == plain.resolvedYAML)
        }
        let filled = try run("{kind: nsga2, tournament: 2, crossoverRate: 0.9, mutationRate: 0}")
        let named = try run("nsga2")
        #expect(filled == named && filled.fingerprint == named.fingerprint)
    }

    @Test func whatAFileLeavesOpenIsAsItWas() throws {
        func short(_ algorithm: String = "") throws -> RunSpecification {
            try RunSpecification.parse(
                yaml: """
                    apiVersion: nasd/v1
                    kind: Run
                    name: x
                    space: y
                    data: {format: glyphs}
                    train: {steps: 10}
                    search: {objectives: [{metric: accuracy}]\(algorithm)}
                    """, file: "r")
        }
        let none = try short(), linas = try short(", algorithm: linas")
        #expect(none.search?.algorithm == SearchAlgorithm(kind: "linas") && none == linas)
        #expect(none.resolvedYAML.contains("  algorithm: linas\n"))
        // A run that began goes on with its algorithm, unless the file says another.
        let begun = try RunSpecification.parse(
            yaml: short(", algorithm: {kind: evolution, mutationRate: 0.25}").resolvedYAML, file: "r")
        #expect(none.decisiveDifferences(from: begun).isEmpty)
        #expect(try none.continuing(begun).search == begun.search)
        #expect(linas.decisiveDifferences(from: begun) == ["search.algorithm"])
        #expect(try linas.continuing(begun) == linas)
    }

    @Test func otherSettingsResolveAsAWholeAndReadBack() throws {
        let plain = try run("nsga2")
        let changed = try run("{kind: nsga2, mutationRate: 0.25}")
        let expected = "  algorithm: {kind: nsga2, tournament: 2, crossoverRate: 0.9, mutationRate: 0.25}\n"
        #expect(changed.resolvedYAML.contains(expected))
        #expect(try RunSpecification.parse(yaml: changed.resolvedYAML, file: "r") == changed)
        #expect(changed.fingerprint != plain.fingerprint)
        #expect(changed.decisiveDifferences(from: plain) == ["search.algorithm"])
        let other = try run("{kind: evolution, mutationRate: 0.25}")
        #expect(other.fingerprint != changed.fingerprint)
    }

    @Test func everyFaultIsToldAtOnce() {
        let found = faults {
            try RunSpecification.parse(
                yaml: """
                    apiVersion: nasd/v1
                    kind: Run
                    name: x
                    space: y
                    data: {format: glyphs}
                    train: {steps: 0}
                    search:
                      objectives: [{metric: accuracy}]
                      algorithm: {kind: nsga2, tournament: 0, crossoverRate: 1.5, mutationRat: 0.1}
                    """, file: "r")
        }
        #expect(
            found == [
                "r:6:16: train.steps: expected a whole number from 1 to 1000000000, found '0'",
                "r:9:40: search.algorithm.tournament: expected a whole number from 1 to 1000, found '0'",
                "r:9:58: search.algorithm.crossoverRate: expected a number from 0 to 1, found '1.5'",
                """
                r:9:63: search.algorithm.mutationRat: expected one of the keys kind, tournament, crossoverRate, \
                mutationRate, eta, found 'mutationRat'; hint: did you mean 'mutationRate'?
                """,
            ])
    }

    @Test(arguments: [
        ("nsga-2", "found 'nsga-2'; hint: did you mean 'nsga2'?"), ("[nsga2]", "found a list"),
    ])
    func unknownKindsAreOneFaultThatListsThoseThereAre(kind: String, end: String) {
        let words = "expected one of \(SearchAlgorithm.kinds.joined(separator: ", "))"
        for (value, path) in [(kind, ""), ("{kind: \(kind), anything: 5}", "search.algorithm.kind: ")] {
            let found = faults { try run(value) }
            #expect(found.count == 1)
            #expect(found.first?.hasPrefix("--set search.algorithm: \(path)\(words)") == true, "\(found)")
            #expect(found.first?.hasSuffix(end) == true, "\(found)")
        }
        #expect(faults { try run("{kind: random, tournament: 2}") }.count == 1)
    }

    @Test func overridingTheKindLeavesItsSettingsBehind() throws {
        let own = try run("{kind: nsga2, tournament: 5}").resolvedYAML
        func overridden(_ key: String, _ value: String) throws -> SearchAlgorithm? {
            try RunSpecification.parse(yaml: own, file: "r", overrides: [(key, value)]).search?.algorithm
        }
        #expect(try overridden("search.algorithm.kind", "random") == SearchAlgorithm(kind: "random"))
        #expect(try overridden("search.algorithm", "nsga2") == SearchAlgorithm(kind: "nsga2"))
        let evolution = try overridden("search.algorithm.kind", "evolution")?.settings as? EvolutionSettings
        #expect(evolution?.variation.tournament == 5)
        let nsga2 = try overridden("search.algorithm.tournament", "3")?.settings as? NSGA2Settings
        #expect(nsga2?.variation.tournament == 3)
    }

    @Test(arguments: [
        "{kind: evolution, preset: hat}",
        "{kind: nsga3, tournament: 2, crossoverRate: 1, mutationRate: 0, directions: 20}",
        "{kind: aging, sample: 5, children: 1}", "{kind: local, around: best}",
        "{kind: bins, bins: 7, crossoverRate: 0.5, mutationRate: 0.1}",
        "{kind: unsga3, tournament: 3, crossoverRate: 0.9, mutationRate: 0}",
    ])
    func everyAlgorithmReadsBack(algorithm: String) throws {
        let own = try run(algorithm)
        #expect(own.resolvedYAML.contains("\n  algorithm: \(algorithm)\n"))
        #expect(try RunSpecification.parse(yaml: own.resolvedYAML, file: "r") == own)
        // An override of the kind leaves all of these behind.
        #expect(
            try RunSpecification.parse(
                yaml: own.resolvedYAML, file: "r", overrides: [("search.algorithm.kind", "random")]
            ).search?.algorithm == SearchAlgorithm(kind: "random"))
    }

    @Test func algorithmsBringTheirPopulation() throws {
        func population(_ search: String) throws -> Int? {
            try RunSpecification.parse(
                yaml: """
                    apiVersion: nasd/v1
                    kind: Run
                    name: x
                    space: y
                    data: {format: glyphs}
                    train: {steps: 10}
                    search: {objectives: [{metric: accuracy}], \(search)}
                    """, file: "r"
            ).search?.population
        }
        #expect(try population("algorithm: nsga3") == 50)
        #expect(try population("algorithm: aging") == 100)
        #expect(try population("algorithm: {preset: hat}") == 125)
        #expect(try population("algorithm: {preset: ofa}, population: 20") == 20)
        #expect(try population("algorithm: {preset: ofa}, evaluations: 30") == 30)
    }

    @Test func aPresetStandsAlone() {
        #expect(
            faults { try run("{preset: ofa, tournament: 3, mutationRate: 0.1}") } == [
                """
                --set search.algorithm: search.algorithm.tournament: expected no tournament beside the preset 'ofa', which says how \
                children are made; hint: take out either
                """,
                """
                --set search.algorithm: search.algorithm.mutationRate: expected no mutationRate beside the preset 'ofa', which says how \
                children are made; hint: take out either
                """,
            ])
        #expect(faults { try run("{preset: hta}") }.first?.hasSuffix("did you mean 'hat'?") == true)
    }
}

/// `search.stop` of run files.
@Suite struct StopRuleTests {
    private func run(_ stop: String) throws -> RunSpecification {
        try SearchSpacesTests.run("mnist-vit", overrides: [("search.stop", stop), ("search.evaluations", "500")])
    }

    @Test func rulesReadBack() throws {
        let all = try run("{target: 0.98, stagnation: 200, gain: 0.001, minutes: 1.5}")
        #expect(all.search?.stop == StopRules(target: 0.98, stagnation: 200, gain: 0.001, minutes: 1.5))
        #expect(try RunSpecification.parse(yaml: all.resolvedYAML, file: "r") == all)
        let none = try SearchSpacesTests.run("mnist-vit", overrides: [("search.evaluations", "500")])
        #expect(none.search?.stop == nil && !none.resolvedYAML.contains("stop"))
        #expect(all.fingerprint != none.fingerprint)
    }

    @Test(arguments: [
        ("{}", "search.stop: expected target, stagnation or minutes, found nothing"),
        ("5", "expected a mapping, found '5'"),
        ("{target: 1.5}", "search.stop.target: expected a value of accuracy, from 0 to 1, found '1.5'"),
        ("{stagnation: 500}", "search.stop.stagnation: expected fewer than the 500 evaluations, found '500'"),
        (
            "{gain: 0.1}",
            """
            search.stop.gain: expected no gain without stagnation; hint: add stagnation, the evaluations in which the \
            hypervolume must grow by that much
            """
        ),
        ("{minutes: 0}", "search.stop.minutes: expected a number above 0 and at most 10000000, found '0'"),
        ("{stagnation: 0}", "search.stop.stagnation: expected a whole number from 1 to 1000000000, found '0'"),
        (
            "{evaluations: 5}",
            "search.stop.evaluations: expected one of the keys target, stagnation, gain, minutes, found 'evaluations'"
        ),
    ])
    func contradictionsAreOneFault(stop: String, fault: String) {
        let found = faults { try run(stop) }
        #expect(found.count == 1)
        #expect(found.first?.hasSuffix(fault) == true, "\(found)")
    }
}

@Suite struct RacingSettingsTests {
    private func run(_ search: String, evaluator: String = "", objectives: String = "{metric: accuracy}") throws
        -> RunSpecification
    {
        try RunSpecification.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: Run
                name: a
                space: b
                \(evaluator.isEmpty ? "data: {format: glyphs}\ntrain: {steps: 10}" : evaluator)
                search: {objectives: [\(objectives), {metric: params}], \(search)}
                """, file: "run.yaml")
    }

    @Test func settingsReadBack() throws {
        #expect(try run("algorithm: nsga2").search?.racing == nil)
        #expect(try !run("algorithm: nsga2").resolvedYAML.contains("racing"))
        let exact = try run("algorithm: evolution, racing: {}")
        #expect(exact.search?.racing == RacingSettings() && exact.resolvedYAML.contains("racing:\n    bound: exact\n"))
        #expect(!exact.resolvedYAML.contains("confidence"))
        let other = try run("algorithm: evolution, racing: {bound: statistical, confidence: 0.9}")
        #expect(other.search?.racing == RacingSettings(bound: .statistical, confidence: 0.9))
        for one in [exact, other] {
            #expect(try RunSpecification.parse(yaml: one.resolvedYAML, file: "again") == one)
        }
        #expect(try exact.decisiveDifferences(from: run("algorithm: evolution")) == ["search.racing.bound"])
    }

    @Test(arguments: [
        (
            "algorithm: nsga2, racing: {bound: sure}", "{metric: accuracy}",
            "search.racing.bound: expected one of exact, statistical"
        ),
        (
            "algorithm: nsga2, racing: {confidence: 0.9}", "{metric: accuracy}",
            "search.racing.confidence: expected no confidence"
        ),
        (
            "algorithm: nsga2, racing: {bound: statistical, confidence: 1}", "{metric: accuracy}",
            "search.racing.confidence: expected"
        ),
        ("racing: {}, algorithm: linas", "{metric: accuracy}", "search.racing: expected no racing with linas"),
        ("racing: {}, algorithm: aging", "{metric: accuracy}", "search.racing: expected no racing with aging"),
        ("racing: {}", "{metric: accuracy}", "search.racing: expected no racing with linas"),
        (
            "algorithm: nsga2, racing: {}", "{metric: loss}",
            "search.racing: expected objectives of accuracy and exact costs, found 'loss'"
        ),
        (
            "algorithm: nsga2, racing: {}", "{metric: accuracy, goal: minimize}",
            "search.racing: expected accuracy with the goal maximize, found 'minimize'"
        ),
        (
            "algorithm: nsga2, racing: {}, constraints: [{metric: accuracy, atLeast: 0.5}]", "{metric: accuracy}",
            "search.racing: expected constraints on exact costs, found 'accuracy'"
        ),
        ("algorithm: nsga2, racing: exact", "{metric: accuracy}", "search.racing: expected a mapping"),
    ]) func contradictionsAreOneFault(search: String, objectives: String, fault: String) throws {
        let found = faults { try run(search, objectives: objectives) }
        #expect(found.count == 1)
        #expect(found.first?.contains(fault) == true, "\(found)")
    }

    @Test func tablesAreNotRaced() throws {
        let error = try #require(throws: DocumentError.self) {
            try run(
                "algorithm: nsga2, racing: {}",
                evaluator:
                    "evaluator: {kind: table, file: a.csv, key: {column: x, template: y}, metrics: {accuracy: z}}")
        }
        #expect("\(error)".contains("search.racing: expected no racing"), "\(error)")
    }
}
