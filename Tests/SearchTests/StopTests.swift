import Foundation
import Runs
import SearchSpaces
import Testing

@testable import Search

/// Rules that end a search before its evaluations are used up.
@Suite struct StopTests {
    private let space = ListSpace([4, 4, 4, 4, 4])
    private let parameters = SearchParameters(population: 8, evaluations: 400, objectives: 2, seed: 5)

    private func measure(_ genome: Genome) -> SearchMember {
        let sum = genome.choices.reduce(0) { $0 + Double($1) }
        return SearchMember(genome: genome, fitness: Fitness(objectives: [sum / 15, Double(genome.choices[0]) / 3]))
    }

    /// Searches to the end, saved and resumed after every generation.
    private func end(by rules: StopRules, seconds: Double = 0, kind: String = "nsga2") throws -> SearchState {
        var search = try Search(try #require(SearchAlgorithm(kind: kind)), in: space, parameters: parameters)
        var whole = search
        while case let batch = search.ask(), !batch.isEmpty {
            #expect(whole.ask() == batch)
            let told = batch.map { measure($0.genome) }
            try search.tell(told)
            try whole.tell(told)
            let all = search.state.archive.map(\.fitness.objectives)
            let volume = Hypervolume.value(of: all, reference: [1.1, 1.1])
            let best = all.map { $0[0] }.min()
            search.end(by: rules, best: best, goal: .minimize, hypervolume: volume, seconds: seconds)
            whole.end(by: rules, best: best, goal: .minimize, hypervolume: volume, seconds: seconds)
            #expect(search.state == whole.state)
            let state = try SearchState(json: search.state.json())
            search = try Search(resuming: state.withArchive(told: search.state.archive), in: space)
            #expect(try search.state.json() == whole.state.json())
        }
        return search.state
    }

    @Test func aTargetEndsTheSearchThatReachesIt() throws {
        let state = try end(by: StopRules(target: 0.2))
        #expect(state.ending == .target && state.asked < 400)
        let reached = state.archive.map { $0.fitness.objectives[0] }
        #expect(reached.contains { $0 <= 0.2 } && !reached.dropLast(8).contains { $0 <= 0.2 })
        #expect(try end(by: StopRules(target: -1)).ending == nil)
    }

    @Test func aVolumeThatGrowsNoMoreEndsTheSearch() throws {
        let state = try end(by: StopRules(stagnation: 64))
        let progress = try #require(state.progress)
        #expect(state.ending == .stagnation && state.asked == progress.grownAt + 64)
        let demanding = try end(by: StopRules(stagnation: 64, gain: 0.2))
        #expect(demanding.ending == .stagnation && demanding.asked < state.asked)
    }

    @Test func moreEvaluationsBeginTheRulesAnew() throws {
        let rules = StopRules(stagnation: 64), ended = try end(by: rules)
        #expect(ended.withBudget(400).ending == .stagnation)
        let larger = ended.withBudget(600)
        #expect(larger.ending == nil && larger.progress?.grownAt == ended.asked)
        var search = try Search(resuming: larger, in: space)
        #expect(search.ask().count == 8)
    }

    @Test func timeIsAddedUpAndStored() throws {
        let state = try end(by: StopRules(minutes: 1), seconds: 7)
        #expect(state.ending == .minutes && state.asked == 8 * 9 && state.progress?.seconds == 63)
        // Without the rule no state depends on the clock.
        #expect(try end(by: StopRules(stagnation: 64), seconds: 7).progress?.seconds == 0)
    }

    @Test func rulesByHand() {
        var progress = SearchProgress()
        let rules = StopRules(target: 0.9, stagnation: 20, gain: 0.1)
        progress.note(0.5, after: 10, gain: 0.1)
        progress.note(0.55, after: 20, gain: 0.1)
        #expect(progress.grownAt == 10 && progress.hypervolume == 0.5)
        // Small steps add up.
        progress.note(0.625, after: 25, gain: 0.1)
        #expect(progress.grownAt == 25)
        #expect(progress.ending(by: rules, after: 44, best: 0.8, goal: .maximize) == nil)
        #expect(progress.ending(by: rules, after: 45, best: nil, goal: .maximize) == .stagnation)
        #expect(progress.ending(by: rules, after: 45, best: 0.9, goal: .maximize) == .target)
        #expect(progress.ending(by: rules, after: 44, best: 0.8, goal: .minimize) == .target)
        // What nobody knows counts as growing.
        progress.note(nil, after: 60, gain: 0.1)
        #expect(progress.grownAt == 60 && progress.hypervolume == nil)
    }
}
