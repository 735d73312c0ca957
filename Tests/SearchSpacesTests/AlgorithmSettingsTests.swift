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
        #expect(SearchAlgorithm(kind: "nsga3") == nil)
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
        let none = try RunSpecification.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: Run
                name: x
                space: y
                data: {format: glyphs}
                train: {steps: 10}
                search: {objectives: [{metric: accuracy}]}
                """, file: "r")
        #expect(none.search?.algorithm == SearchAlgorithm(kind: "evolution"))
        #expect(none.resolvedYAML.contains("  algorithm: evolution\n"))
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
                mutationRate, found 'mutationRat'; hint: did you mean 'mutationRate'?
                """,
            ])
    }

    @Test(arguments: [
        ("aging", "'aging' is not supported yet"),
        ("nsga-2", "found 'nsga-2'; hint: did you mean 'nsga2'?"), ("[nsga2]", "found a list"),
    ])
    func unknownKindsAreOneFaultThatListsThoseThereAre(kind: String, end: String) {
        let words = "expected one of evolution, linas, nsga2, random"
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
}
