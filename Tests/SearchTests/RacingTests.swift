import Foundation
import Runs
import SearchSpaces
import TestSupport
import Testing

@testable import Search

/// Whose results a search needs exactly: with bounds for all others it asks the same, finds the same front and keeps the same ones.
@Suite struct RacingTests {
    /// A space whose first objective is measured and whose second is known.
    private struct Priced: ForeseeingSpace {
        let base = DepthSpace(depth: 6, options: 4)
        var decisions: [Decision] { base.decisions }
        func canonical(_ genome: Genome) -> Genome { base.canonical(genome) }
        func cost(_ genome: Genome) -> Double { Double(genome.choices.reduce(0) { $0 + Int($1) }) }
        /// A second cost, which pulls elsewhere.
        func depth(_ genome: Genome) -> Double { Double(genome.choices.count { $0 > 1 }) }
        func foreseen(_ genome: Genome) -> ForeseenFitness {
            ForeseenFitness(objectives: [nil, cost(genome), depth(genome)], violation: max(0, cost(genome) - 16))
        }
        /// Steps of a hundredth, so that candidates tie.
        func error(_ genome: Genome) -> Double {
            let quality = genome.choices.enumerated().reduce(0.0) { $0 + Double($1.element) / Double($1.offset + 2) }
            return (100 / (1 + quality + sin(3 * quality))).rounded() / 100
        }
    }

    private let space = Priced()

    private func search(_ algorithm: SearchAlgorithm, objectives: Int, seed: UInt64) throws -> Search {
        try Search(
            algorithm, in: space,
            parameters: SearchParameters(population: 12, evaluations: 150, objectives: objectives, seed: seed))
    }

    private func fitness(_ genome: Genome, error: Double, objectives: Int, noise: Double = 0) -> Fitness {
        let known = space.foreseen(genome)
        let values = [error] + known.objectives.dropFirst().prefix(objectives - 1).map { $0 ?? 0 }
        return Fitness(
            objectives: values, violation: known.violation, noise: [noise] + values.dropFirst().map { _ in 0 })
    }

    /// Tells bounds that are closed in steps of chance until all that decide are exact; gives how many stayed bounds.
    private func race(
        _ search: inout Search, objectives: Int, noise: Double, using random: inout SeededGenerator
    ) throws -> (asked: [Genome], front: [SearchMember], bounded: Int) {
        var asked: [Genome] = [], members: [SearchMember] = [], front: [Fitness] = [], bounded = 0
        while true {
            let batch = search.ask().map(\.genome)
            if batch.isEmpty { break }
            asked += batch
            var known = batch.map { _ in 0.0 }
            func told(_ index: Int) -> SearchMember {
                SearchMember(
                    genome: batch[index],
                    fitness: fitness(batch[index], error: known[index], objectives: objectives, noise: noise))
            }
            func isExact(_ index: Int) -> Bool { known[index] == space.error(batch[index]) }
            while true {
                let results = batch.indices.map(told)
                let exact = Front.adding(batch.indices.filter(isExact).map { results[$0].fitness }, to: front)
                let open = batch.indices.filter { index in
                    guard !isExact(index) else { return false }
                    let fitness = results[index].fitness
                    return search.deciding(results)?.contains(index) ?? true
                        || fitness.isFeasible && !exact.contains { $0.dominates(fitness) }
                }
                if open.isEmpty { break }
                for index in open {
                    let error = space.error(batch[index])
                    let step = Double.random(in: 0.1...0.5, using: &random)
                    known[index] = known[index] + step >= error ? error : known[index] + step
                }
            }
            let results = batch.indices.map(told)
            bounded += batch.indices.count { !isExact($0) }
            try search.tell(results)
            members += batch.indices.filter(isExact).map { results[$0] }
            front = Front.adding(results.map(\.fitness), to: front)
            let population = search.state.population
            #expect(population.allSatisfy { $0.fitness.objectives[0] == space.error($0.genome) })
        }
        return (asked, Front.indices(of: members.map(\.fitness)).map { members[$0] }, bounded)
    }

    @Test(arguments: SearchAlgorithm.known.filter { $0.racesLosers }.map { $0.kind })
    func boundsChangeNothing(kind: String) throws {
        var bounded = 0
        for seed in 0..<6 as Range<UInt64> {
            for (objectives, noise) in [(1, 0), (2, 0), (3, 0), (1, 0.03), (2, 0.03), (3, 0.03)] {
                let algorithm = try #require(SearchAlgorithm(kind: kind))
                var plain = try search(algorithm, objectives: objectives, seed: seed)
                var asked: [Genome] = [], all: [SearchMember] = []
                while true {
                    let batch = plain.ask().map(\.genome)
                    if batch.isEmpty { break }
                    let results = batch.map {
                        SearchMember(
                            genome: $0,
                            fitness: fitness($0, error: space.error($0), objectives: objectives, noise: noise))
                    }
                    try plain.tell(results)
                    asked += batch
                    all += results
                }
                var random = SeededGenerator(seed)
                var raced = try search(algorithm, objectives: objectives, seed: seed)
                let result = try race(&raced, objectives: objectives, noise: noise, using: &random)
                #expect(result.asked == asked)
                #expect(result.front == Front.indices(of: all.map(\.fitness)).map { all[$0] })
                #expect(raced.state.population == plain.state.population)
                bounded += result.bounded
            }
        }
        #expect(bounded > 0)
    }

    /// Those that learn from losers say so, in their settings and in their strategies.
    @Test(arguments: SearchAlgorithm.kinds) func settingsAndStrategiesAgree(kind: String) throws {
        let algorithm = try #require(SearchAlgorithm(kind: kind))
        var search = try search(algorithm, objectives: 2, seed: 1)
        let results = search.ask().map {
            SearchMember(genome: $0.genome, fitness: fitness($0.genome, error: 0.5, objectives: 2))
        }
        #expect((search.deciding(results) != nil) == algorithm.racesLosers)
        #expect(
            SearchAlgorithm.known.filter { $0.racesLosers }.map { $0.kind }.sorted()
                == ["agemoea", "bins", "evolution", "local", "nsga2", "random"])
    }

    /// Three of which one survives: the front's members decide, and who is behind it does not.
    @Test func frontsDecide() {
        let fitness = [[1, 5], [2, 3], [4, 1], [3, 4], [5, 2]].map { Fitness(objectives: $0) }
        #expect(Survival.deciding(fitness, count: 1) == [0, 1, 2])
        #expect(Survival.deciding(fitness, count: 3) == [0, 1, 2])
        #expect(Survival.deciding(fitness, count: 4) == [0, 1, 2, 3, 4])
        #expect(Survival.deciding([], count: 2).isEmpty)
    }
}
