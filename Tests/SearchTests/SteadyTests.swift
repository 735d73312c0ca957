import Foundation
import Runs
import SearchSpaces
import Testing

@testable import Search

/// Searches that ask for candidates while others are pending: what they ask depends on the results in ask order alone.
@Suite struct SteadyTests {
    static let most = 6

    static let cases: [QuestionTests.Case] = QuestionTests.all.filter { $0.name != "exhaustedFromStart" }.map { known in
        let old = known.parameters
        return QuestionTests.Case(
            kind: known.kind, name: known.name, space: known.space,
            parameters: SearchParameters(
                population: old.population, evaluations: old.evaluations, objectives: old.objectives, seed: old.seed,
                round: old.round, pending: most),
            start: known.start, settings: known.settings, own: known.own)
    }

    /// Everything that is asked, where `next` says how many of the due results are told at a time.
    private func asked(
        _ known: QuestionTests.Case, stop: (Search, [SearchMember]) throws -> Search = { search, _ in search },
        telling next: (Int) -> Int
    ) throws -> [Genome] {
        var search = try known.search(), all: [Genome] = [], told: [SearchMember] = []
        while true {
            let pending = search.ask().map(\.genome)
            if pending.isEmpty { break }
            #expect(search.ask().map(\.genome) == pending && search.due > 0)
            #expect(all.isEmpty || pending.count <= max(Self.most, all.count))
            all += pending.suffix(search.state.asked - all.count)
            search = try stop(search, told)
            let count = min(max(next(search.due), 1), search.due)
            let results = pending.prefix(count).map(known.measure)
            try search.tell(results)
            told += results
            search = try stop(search, told)
        }
        #expect(told.map(\.genome) == all && Set(all).count == all.count && search.state.asked == all.count)
        #expect(search.state.isExhausted || all.count == known.parameters.evaluations)
        return all
    }

    @Test(arguments: cases) func questionsDependOnResultsAlone(known: QuestionTests.Case) throws {
        let one = try asked(known) { _ in 1 }
        #expect(try asked(known) { $0 } == one)
        // Saved and resumed after every question and after every answer.
        let resumed = try asked(
            known, stop: { search, told in try known.resumed(try search.state.json(), told: told) }
        ) { due in due > 2 ? 2 : 1 }
        #expect(resumed == one)
    }

    @Test func moreThanIsDueIsRefused() throws {
        let known = try #require(Self.cases.first { $0.kind == "nsga2" && $0.name == "plain" })
        var search = try known.search()
        let first = search.ask().map(\.genome)
        #expect(first.count == 12 && search.due == 9)
        #expect(throws: SearchError.self) { try search.tell(first.map(known.measure)) }
        #expect(throws: SearchError.self) { try search.tell([known.measure(first[1])]) }
        try search.tell(first.prefix(8).map(known.measure))
        #expect(search.due == 1 && search.ask().map(\.genome) == Array(first.suffix(4)))
        try search.tell([known.measure(first[8])])
        let next = search.ask().map(\.genome)
        #expect(next.count == Self.most && Array(next.prefix(3)) == Array(first.suffix(3)))
    }
}
