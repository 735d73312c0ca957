import Foundation
import Runs
import SearchSpaces
import Tensors
import Testing

@testable import Search

@Suite struct AlgorithmTests {
    let space = DepthSpace(depth: 8, options: 4)

    func parameters(
        population: Int = 12, evaluations: Int = 100, seed: UInt64 = 7, round: Int = 0
    ) -> SearchParameters {
        SearchParameters(population: population, evaluations: evaluations, objectives: 2, seed: seed, round: round)
    }

    /// Two conflicting sums; every genome whose sum divides by 7 fails.
    func measure(_ genome: Genome) -> Fitness {
        let sum = genome.choices.reduce(0) { $0 + Int($1) }
        if sum % 7 == 0 { return .failed }
        let weighted = genome.choices.enumerated().reduce(0) { $0 + $1.offset * Int($1.element) }
        return Fitness(
            objectives: [Double(weighted) / 3, -Double(sum).squareRoot()],
            violation: sum > 20 ? Double(sum - 20) / 7 : 0)
    }

    func answer(_ proposals: [Proposal], _ measure: (Genome) -> Fitness) -> [SearchMember] {
        proposals.map { SearchMember(genome: $0.genome, fitness: measure($0.genome)) }
    }

    func search(
        _ kind: String, in space: some GenomeSpace, _ parameters: SearchParameters,
        from start: SearchStart = SearchStart()
    ) throws -> Search {
        try Search(try #require(SearchAlgorithm(kind: kind)), in: space, parameters: parameters, from: start)
    }

    func finish(_ algorithm: inout Search, _ measure: (Genome) -> Fitness) throws -> [Proposal] {
        var all: [Proposal] = []
        while true {
            let batch = algorithm.ask()
            if batch.isEmpty { return all }
            #expect(algorithm.ask() == batch)
            all += batch
            try algorithm.tell(answer(batch, measure))
        }
    }

    @Test(arguments: SearchAlgorithm.kinds) func budgetIsExactAndNothingRepeats(
        kind: String
    ) throws {
        for evaluations in [0, 1, 5, 12, 13, 100] {
            var algorithm = try search(kind, in: space, parameters(evaluations: evaluations))
            let all = try finish(&algorithm, measure)
            #expect(all.count == evaluations)
            #expect(Set(all.map(\.genome)).count == evaluations)
            #expect(all.allSatisfy { space.canonical($0.genome) == $0.genome })
            #expect(!algorithm.state.isExhausted)
            #expect(algorithm.state.population.count == min(12, evaluations))
        }
    }

    @Test(arguments: SearchAlgorithm.kinds) func seedsAndRoundsDecideTheProposals(
        kind: String
    ) throws {
        func run(seed: UInt64, round: Int = 0) throws -> [Proposal] {
            var algorithm = try search(kind, in: space, parameters(seed: seed, round: round))
            return try finish(&algorithm, measure)
        }
        let first = try run(seed: 1)
        #expect(try run(seed: 1) == first)
        #expect(try run(seed: 2) != first)
        #expect(try run(seed: 1, round: 1) != first)
        let expected: Set<Proposal.Origin> =
            switch kind {
            case "random": [.random]
            case "aging", "local": [.random, .mutation]
            case "linas": [.random, .predicted]
            default: [.random, .crossover, .mutation]
            }
        #expect(Set(first.map(\.origin)) == expected)
    }

    @Test(arguments: SearchAlgorithm.kinds) func nothingFeasibleStillEnds(kind: String) throws {
        var algorithm = try search(kind, in: space, parameters())
        var least = Double.infinity
        _ = try finish(&algorithm) { genome in
            let violation = 1 + Double(genome.choices.reduce(0) { $0 + Int($1) })
            least = min(least, violation)
            return Fitness(objectives: [0, 0], violation: violation)
        }
        #expect(algorithm.state.asked == 100)
        #expect(Front.indices(of: algorithm.state.population.map(\.fitness)).isEmpty)
        // Of an aging population the youngest live on.
        #expect(algorithm.state.population.contains { $0.fitness.violation == least } || kind == "aging")
    }

    @Test(arguments: SearchAlgorithm.kinds) func everythingMayFail(kind: String) throws {
        var algorithm = try search(kind, in: space, parameters())
        #expect(try finish(&algorithm) { _ in .failed }.count == 100)
        #expect(algorithm.state.population.allSatisfy { $0.fitness.isFailed })
    }

    @Test(arguments: SearchAlgorithm.kinds) func aTinySpaceIsExhausted(kind: String) throws {
        // Depth 0 to 3 with 2 options each: 1 + 2 + 4 + 8 architectures.
        let spaces: [(any GenomeSpace, Int)] = [
            (DepthSpace(depth: 3, options: 2), 15), (ListSpace([]), 1), (ListSpace([1, 1]), 1),
            (ListSpace([3, 40]), 120),
        ]
        for (tiny, size) in spaces {
            var algorithm = try search(kind, in: tiny, parameters(evaluations: 500))
            let all = try finish(&algorithm) { Fitness(objectives: [Double($0.choices.first ?? 0), 0]) }
            #expect(all.count == size && Set(all.map(\.genome)).count == size)
            #expect(algorithm.state.isExhausted)
        }
    }

    @Test(arguments: SearchAlgorithm.kinds) func survivorsComeFirstAndMeasuredOnesNever(
        kind: String
    ) throws {
        let survivors = (0..<15).map { Genome([8, UInt8($0 % 4), UInt8($0 / 4), 0, 0, 0, 0, 0, 1]) }
        let measured = Genome([0, 0, 0, 0, 0, 0, 0, 0, 0])
        let start = SearchStart(
            survivors: survivors + survivors, seeds: [measured, Genome([1, 3, 2, 2, 2, 2, 2, 2, 2])],
            measured: [SearchMember(genome: measured, fitness: measure(measured))])
        var algorithm = try search(kind, in: space, parameters(evaluations: 40), from: start)
        let all = try finish(&algorithm, measure)
        #expect(all.count == 40)
        #expect(all.prefix(15).map(\.genome) == survivors)
        #expect(all.prefix(15).allSatisfy { $0.origin == .elite })
        #expect(
            all[15] == Proposal(genome: Genome([1, 3, 0, 0, 0, 0, 0, 0, 0]), origin: .seed) || kind == "random")
        #expect(!all.map(\.genome).contains(measured))
        #expect(Set(all.map(\.genome)).count == 40)
    }

    @Test func wrongAnswersAreRefused() throws {
        var algorithm = try search("nsga2", in: space, parameters())
        let batch = algorithm.ask()
        let before = algorithm.state
        #expect(throws: SearchError.unexpectedResults(expected: 12, got: 11, firstDifference: 11)) {
            try algorithm.tell(answer(Array(batch.dropLast()), measure))
        }
        #expect(throws: SearchError.unexpectedResults(expected: 12, got: 12, firstDifference: 0)) {
            try algorithm.tell(answer(batch.reversed(), measure))
        }
        #expect(throws: SearchError.wrongObjectiveCount(expected: 2, got: 1)) {
            try algorithm.tell(answer(batch) { _ in Fitness(objectives: [1]) })
        }
        #expect(algorithm.state == before)
        #expect(throws: SearchError.foreignGenome(batch[0].genome.choices)) {
            _ = try Search(resuming: before, in: ListSpace([2, 2]))
        }
        try algorithm.tell(answer(batch, measure))
        let survivor = algorithm.state.population[0]
        #expect(throws: SearchError.foreignGenome(survivor.genome.choices)) {
            _ = try Search(resuming: algorithm.state.withArchive(told: []), in: space)
        }
        let foreign = [SearchMember(genome: survivor.genome, fitness: Fitness(objectives: [1]))]
        #expect(throws: SearchError.wrongObjectiveCount(expected: 2, got: 1)) {
            _ = try Search(resuming: algorithm.state.withArchive(told: foreign), in: space)
        }
        #expect(throws: SearchError.wrongObjectiveCount(expected: 2, got: 1)) {
            _ = try search("nsga2", in: space, parameters(), from: SearchStart(measured: foreign))
        }
        #expect(throws: SearchError.foreignGenome([9])) {
            _ = try search("nsga2", in: space, parameters(), from: SearchStart(survivors: [Genome([9])]))
        }
        #expect(throws: (any Error).self) { _ = try SearchState(json: Data("{}".utf8)) }
    }

    @Test func settingsOutOfRangeMoveToItsEnds() throws {
        let text = """
            {"population":0,"evaluations":-1,"objectives":0,"seed":18446744073709551615,"round":-4,
            "crossoverRate":2,"mutationRate":-1,"tournament":0}
            """
        let read = try JSONDecoder().decode(SearchParameters.self, from: Data(text.utf8))
        #expect(read == SearchParameters(population: 1, evaluations: 0, objectives: 1, seed: .max, round: 0))
        let variation = try JSONDecoder().decode(VariationSettings.self, from: Data(text.utf8))
        #expect(variation == VariationSettings(tournament: 1, crossoverRate: 1, mutationRate: 0))
        let steps = [(0, 0), (0, 1), (1, 0), (1, 1), (0xFF_FFFF, 9)].map { round, generation in
            parameters(round: round).step(generation: generation)
        }
        #expect(Set(steps).count == 5 && steps.allSatisfy { $0 < 1 << 56 })
    }

    @Test func evolutionFollowsItsFirstObjectiveWithinTheConstraints() throws {
        let list = ListSpace([Int](repeating: 5, count: 10))
        func run(_ kind: String) throws -> Double {
            var algorithm = try search(kind, in: list, parameters(population: 20, evaluations: 600))
            var best = Double.infinity
            _ = try finish(&algorithm) { genome in
                let sum = genome.choices.reduce(0) { $0 + Double($1) }
                let fitness = Fitness(objectives: [sum, 0], violation: max(0, 5 - sum))
                if fitness.isFeasible { best = min(best, sum) }
                return fitness
            }
            return best
        }
        #expect(try run("evolution") == 5)
        #expect(try run("random") > 5)
    }
}
