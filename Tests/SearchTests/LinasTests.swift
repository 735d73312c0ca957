import Foundation
import Runs
import SearchSpaces
import Tensors
import Testing

@testable import Search

@Suite struct LinasTests {
    static let cases = QuestionTests.cases(of: "linas").filter { $0.name != "rates" }

    @Test(arguments: cases) func aSearchResumedAtAnyPointIsTheUninterruptedOne(search: QuestionTests.Case) throws {
        var whole = try search.search(), resumed = whole, told: [SearchMember] = []
        while true {
            if whole.state.asked > 0 { resumed = try search.resumed(resumed.state.json(), told: told) }
            let batch = resumed.ask()
            #expect(batch == whole.ask())
            resumed = try search.resumed(resumed.state.json(), told: told)
            #expect(resumed.ask() == batch && resumed.state == whole.state)
            if batch.isEmpty { break }
            let results = batch.map { search.measure($0.genome) }
            try whole.tell(results)
            try resumed.tell(results)
            told += results
        }
        #expect(Set(told.map(\.genome)).count == told.count)
        #expect(Set(told.map(\.genome)).isDisjoint(with: search.start.measured.map(\.genome)))
    }

    /// A space in which the second objective is known of every genome.
    private struct Known: ForeseeingSpace {
        let plain: DepthSpace
        let isWrong: Bool
        var decisions: [Decision] { plain.decisions }
        func canonical(_ genome: Genome) -> Genome { plain.canonical(genome) }
        func cost(_ genome: Genome) -> Double { genome.choices.reduce(0) { $0 + Double($1) * Double($1) } }
        func foreseen(_ genome: Genome) -> ForeseenFitness {
            ForeseenFitness(objectives: [nil, cost(genome)], violation: max(0, cost(genome) - 60))
        }
    }

    private func run(
        _ space: some GenomeSpace, evaluations: Int, seed: UInt64 = 1, objectives: Int = 2, population: Int = 20,
        _ measure: (Genome) -> Fitness
    ) throws -> [SearchMember] {
        var search = try Search(
            try #require(SearchAlgorithm(kind: "linas")), in: space,
            parameters: SearchParameters(
                population: population, evaluations: evaluations, objectives: objectives, seed: seed))
        while case let batch = search.ask(), !batch.isEmpty {
            try search.tell(batch.map { SearchMember(genome: $0.genome, fitness: measure($0.genome)) })
        }
        return search.state.archive
    }

    @Test func exactCostsAreNotPredicted() throws {
        let space = Known(plain: DepthSpace(depth: 8, options: 4), isWrong: false)
        let genomes = try run(space, evaluations: 40) {
            Fitness(objectives: [-Double($0.choices[1]), space.cost($0)])
        }
        let encoding = GenomeEncoding(space)
        let model = try #require(LinasModel(genomes, objectives: 2, in: space, encoding))
        #expect(model.qualities[0] != nil && model.qualities[1] == nil)
        let some = [Genome([8, 3, 3, 3, 3, 3, 3, 3, 3]), Genome([2, 1, 1, 0, 0, 0, 0, 0, 0])]
        let expected = model.expectations(of: some, encoding.encode(some), withSpreads: true)
        #expect(expected.map { $0.mean[1] } == some.map(space.cost) && expected.map { $0.spread[1] } == [0, 0])
        #expect(expected.map(\.violation) == [76, 0])
    }

    /// Constraints on costs are known: after the drawn ones nothing is asked that breaks them.
    @Test func costsThatAreTooHighAreNotAsked() throws {
        let space = Known(plain: DepthSpace(depth: 8, options: 4), isWrong: false)
        let archive = try run(space, evaluations: 120) {
            let cost = space.cost($0)
            return Fitness(objectives: [-$0.choices.reduce(0) { $0 + Double($1) }, cost], violation: max(0, cost - 60))
        }
        #expect(archive.count == 120)
        #expect(archive.dropFirst(30).allSatisfy { $0.fitness.isFeasible })
        // The whole budget of the cost can be used.
        #expect((archive.filter(\.fitness.isFeasible).map { $0.fitness.objectives[1] }.max() ?? 0) > 55)
    }

    /// A constraint on what is measured, and measurements that fail, are learned.
    @Test func whatBreaksOrFailsIsLearned() throws {
        let space = ListSpace([Int](repeating: 4, count: 8))
        let archive = try run(space, evaluations: 150, objectives: 1) { genome in
            let sum = genome.choices.reduce(0) { $0 + Double($1) }
            if genome.choices[0] == 3 { return .failed }
            return Fitness(objectives: [-sum], violation: max(0, sum - 15) / 15)
        }
        let late = archive.dropFirst(60)
        #expect(late.count { $0.fitness.isFailed } < 20)
        #expect(archive.filter(\.fitness.isFeasible).map { $0.fitness.objectives[0] }.min() == -15)
    }

    /// Ten decisions of four options: one genome of a million is the best.
    @Test func aLargeSpaceIsSearchedByPredictions() throws {
        let space = ListSpace([Int](repeating: 4, count: 10)), goal: [UInt8] = [2, 1, 0, 2, 2, 3, 0, 1, 3, 2]
        func measure(_ genome: Genome) -> Fitness {
            let wrong = zip(genome.choices, goal).reduce(0.0) { $0 + abs(Double($1.0) - Double($1.1)) }
            return Fitness(objectives: [wrong + (genome.choices[0] == genome.choices[9] ? 0 : 0.5)])
        }
        let found = try run(space, evaluations: 150, objectives: 1, measure)
        #expect(found.map { $0.fitness.objectives[0] }.min() == 0)
        #expect(Set(found.map(\.genome)).count == 150)
    }

    @Test(arguments: [1, 2, 3, 4, 5]) func anyNumberOfObjectives(count: Int) throws {
        let space = ListSpace([3, 3, 3, 3, 3, 3])
        let archive = try run(space, evaluations: 90, objectives: count) { genome in
            Fitness(
                objectives: (0..<count).map {
                    abs(Double(genome.choices[$0]) - Double(genome.choices[$0 + 1])) - 0.1 * Double(genome.choices[$0])
                })
        }
        #expect(archive.count == 90 && Set(archive.map(\.genome)).count == 90)
    }

    @Test func generationsGrowAndNeverPassTheBudget() throws {
        let space = ListSpace([Int](repeating: 4, count: 10))
        let strategy = Linas(LinasSettings(), in: space)
        func size(_ archive: Int, _ evaluations: Int, population: Int = 50) -> Int {
            var state = SearchState(
                algorithm: SearchAlgorithm(LinasSettings()),
                parameters: SearchParameters(population: population, evaluations: evaluations, objectives: 1, seed: 1))
            state.archive = (0..<archive).map { _ in
                SearchMember(genome: space.decisions.isEmpty ? Genome([]) : Genome([]), fitness: .failed)
            }
            return strategy.batchSize(after: state)
        }
        #expect(size(0, 1000) == 30 && size(0, 60) == 10 && size(10, 1000) == 20)
        #expect(size(30, 1000) == 4 && size(200, 1000) == 20 && size(2000, 9000) == 50)
        #expect(size(10_000, 100_000) == 200 && size(90_000, 100_000) == 500)
    }

    @Test func settingsOutOfRangeMoveToItsEnds() {
        let settings = LinasSettings(exploration: 2, refinement: -1)
        #expect(settings.exploration == 1 && settings.refinement == 0)
    }
}
