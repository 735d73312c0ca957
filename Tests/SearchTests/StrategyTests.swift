import Documents
import Foundation
import Runs
import SearchSpaces
import Tensors
import Testing

@testable import Search

/// A strategy of a stranger: aging evolution that counts what it proposed and learns from everything measured.
private struct Strange: SearchStrategy {
    struct Settings: SearchAlgorithmSettings {
        static let kind = "strange"
        var sample = 3

        init() {}
        init(_ reader: SectionReader) { sample = reader.integer("sample", default: 3, in: 1...100) }
        var entries: [(key: String, value: String)] { [("sample", String(sample))] }
    }

    struct Memory: StrategyMemory {
        var generations = 0
        var best: Double?
    }

    let sample: Int
    let mutation: ResetMutation
    let space: any GenomeSpace

    init(_ settings: Settings, in space: any GenomeSpace) {
        sample = settings.sample
        mutation = ResetMutation(decisions: space.decisions)
        self.space = space
    }

    func candidates(
        after state: SearchState, memory: inout Memory, using generator: inout CounterGenerator
    ) -> CandidateSource {
        memory.generations += 1
        memory.best = state.archive.compactMap(\.fitness.objectives.first).min()
        let (population, tournament) = (state.population, Tournament(size: sample))
        // What it remembers steers what it asks.
        let skips = memory.generations % 2 == 0 && memory.best == 0
        return { [mutation, space] generator in
            guard !population.isEmpty, !skips else { return nil }
            let winner = tournament.winner(of: population.count, using: &generator) {
                population[$0].fitness.dominates(population[$1].fitness)
            }
            let child = mutation.mutated(population[winner].genome, using: &generator)
            return Proposal(genome: space.canonical(child), origin: .mutation)
        }
    }

    /// The youngest live on.
    func survivors(of candidates: [SearchMember], count: Int, memory: inout Memory) -> [Int] {
        Array(candidates.indices.suffix(count))
    }
}

@Suite struct StrategyTests {
    private let strategies = StrategyRegistry.all + [Strange.self]
    private let space = ListSpace([4, 4, 4, 4])
    private let parameters = SearchParameters(population: 8, evaluations: 64, objectives: 1, seed: 5)

    private func measure(_ genome: Genome) -> SearchMember {
        SearchMember(genome: genome, fitness: Fitness(objectives: [genome.choices.reduce(0) { $0 + Double($1) }]))
    }

    @Test func everyKindOfRunFilesHasAStrategy() {
        #expect(StrategyRegistry.all.map { $0.kind } == SearchAlgorithm.kinds)
        #expect(Set(SearchAlgorithm.kinds).count == SearchAlgorithm.kinds.count)
        let unknown = SearchAlgorithm(Strange.Settings())
        #expect(throws: SearchError.unknownAlgorithm("strange")) {
            _ = try Search(unknown, in: space, parameters: parameters)
        }
    }

    @Test func aStrategyKeepsItsMemoryAndSettingsThroughEveryStop() throws {
        var settings = Strange.Settings()
        settings.sample = 5
        let earlier = [measure(Genome([0, 0, 0, 0]))]
        var whole = try Search(
            SearchAlgorithm(settings), in: space, parameters: parameters, from: SearchStart(measured: earlier),
            strategies: strategies)
        var resumed = whole
        var told: [SearchMember] = []
        while case let batch = whole.ask(), !batch.isEmpty {
            #expect(resumed.ask() == batch)
            told += batch.map { measure($0.genome) }
            try whole.tell(told.suffix(batch.count))
            try resumed.tell(told.suffix(batch.count))
            #expect(resumed.state == whole.state)
            let state = try SearchState(json: resumed.state.json(), strategies: strategies)
            resumed = try Search(
                resuming: state.withArchive(told: earlier + told), in: space, strategies: strategies)
        }
        #expect(told.count == 64)
        let memory = try #require(resumed.state.memory as? Strange.Memory)
        #expect(memory.generations == 8 && memory.best == 0)
        #expect(resumed.state.algorithm == SearchAlgorithm(settings))
        #expect(resumed.state.population == Array(told.suffix(8)))
        #expect(throws: (any Error).self) { _ = try SearchState(json: resumed.state.json()) }
        #expect(throws: (any Error).self) {
            let text = String(decoding: try resumed.state.json(), as: UTF8.self)
            let broken = text.replacing("\"generations\":8", with: "\"generations\":\"\"")
            #expect(broken != text)
            _ = try SearchState(json: Data(broken.utf8), strategies: strategies)
        }
    }

    @Test func onlyStrategiesThatWantSeedsAskThem() throws {
        let seed = Genome([3, 3, 3, 3])
        for kind in SearchAlgorithm.kinds {
            var search = try Search(
                try #require(SearchAlgorithm(kind: kind)), in: space, parameters: parameters,
                from: SearchStart(survivors: [Genome([1, 1, 1, 1])], seeds: [seed]))
            let origins = search.ask().map(\.origin)
            #expect(origins[0] == .elite)
            #expect(origins[1] == (kind == "random" ? .random : .seed))
        }
    }
}
