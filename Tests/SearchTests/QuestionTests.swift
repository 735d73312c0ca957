import Foundation
import Runs
import SearchSpaces
import Testing

@testable import Search

/// What the algorithms ask, held against what they asked before, and against themselves after every possible stop.
@Suite struct QuestionTests {
    /// A search of `Fixtures/questions.json`.
    struct Case: Sendable, CustomTestStringConvertible {
        let kind: String
        let name: String
        let space: any GenomeSpace
        let parameters: SearchParameters
        var start = SearchStart()
        var settings: VariationSettings?
        /// Settings that are no variation.
        var own: (any SearchAlgorithmSettings)?

        var testDescription: String { "\(kind) \(name)" }

        var algorithm: SearchAlgorithm {
            get throws {
                if let own { return SearchAlgorithm(own) }
                guard let settings else { return try #require(SearchAlgorithm(kind: kind)) }
                return SearchAlgorithm(
                    kind == "nsga2" ? NSGA2Settings(variation: settings) : EvolutionSettings(variation: settings))
            }
        }

        func search() throws -> Search {
            func open(_ space: some GenomeSpace) throws -> Search {
                try Search(try algorithm, in: space, parameters: parameters, from: start)
            }
            return try open(space)
        }

        func resumed(_ json: Data, told: [SearchMember]) throws -> Search {
            func open(_ space: some GenomeSpace) throws -> Search {
                try Search(resuming: SearchState(json: json).withArchive(told: start.measured + told), in: space)
            }
            return try open(space)
        }

        func measure(_ genome: Genome) -> SearchMember {
            SearchMember(genome: genome, fitness: QuestionTests.fitness(genome, objectives: parameters.objectives))
        }
    }

    /// What the fixture keeps of a search: its batches as texts, and in some its state after the third batch was told and
    /// after the fourth was asked.
    struct Kept: Decodable {
        let questions: [String]
        let told: String?
        let asked: String?
    }

    static func fitness(_ genome: Genome, objectives: Int) -> Fitness {
        let sum = genome.choices.reduce(0) { $0 + Int($1) }
        if sum % 7 == 3 { return .failed }
        let weighted = genome.choices.enumerated().reduce(0) { $0 + $1.offset * Int($1.element) }
        let values = [Double(weighted) / 3, -Double(sum).squareRoot(), Double(genome.choices.count { $0 == 1 })]
        return Fitness(
            objectives: Array(values.prefix(objectives)), violation: sum > 20 ? Double(sum - 20) / 7 : 0)
    }

    static func cases(of kind: String) -> [Case] {
        let depth = DepthSpace(depth: 8, options: 4)
        let shallow = DepthSpace(depth: 3, options: 2)
        let survivors = (0..<15).map { Genome([8, UInt8($0 % 4), UInt8($0 / 4), 0, 0, 0, 0, 0, 1]) }
        func measured(_ choices: [[UInt8]]) -> [SearchMember] {
            choices.map { SearchMember(genome: Genome($0), fitness: fitness(Genome($0), objectives: 2)) }
        }
        func parameters(
            _ population: Int, _ evaluations: Int, seed: UInt64, round: Int = 0, objectives: Int = 2
        ) -> SearchParameters {
            SearchParameters(
                population: population, evaluations: evaluations, objectives: objectives, seed: seed, round: round)
        }
        let common = [
            Case(kind: kind, name: "plain", space: depth, parameters: parameters(12, 100, seed: 7)),
            Case(
                kind: kind, name: "survivors", space: depth, parameters: parameters(12, 80, seed: .max, round: 3),
                start: SearchStart(
                    survivors: survivors,
                    measured: measured([[0, 0, 0, 0, 0, 0, 0, 0, 0], [1, 2, 0, 0, 0, 0, 0, 0, 0]]))),
            Case(kind: kind, name: "exhausted", space: ListSpace([3, 40]), parameters: parameters(12, 500, seed: 11)),
            Case(
                kind: kind, name: "exhaustedFromStart", space: shallow, parameters: parameters(4, 100, seed: 5),
                start: SearchStart(
                    survivors: [[3, 1, 1, 1], [2, 0, 1, 0], [2, 1, 1, 1], [3, 0, 0, 1], [1, 1, 1, 1]].map(Genome.init),
                    measured: measured([[0, 0, 0, 0], [3, 0, 0, 0]]))),
            Case(
                kind: kind, name: "threeObjectives", space: MacroSpace(),
                parameters: parameters(20, 120, seed: 2, objectives: 3)),
        ]
        if kind == "random" { return common }
        return common + [
            Case(
                kind: kind, name: "seeds", space: depth, parameters: parameters(10, 75, seed: 3, round: 1),
                start: SearchStart(
                    survivors: Array(survivors.prefix(4)),
                    seeds: [survivors[2], Genome([1, 3, 2, 2, 2, 2, 2, 2, 2]), Genome([8, 3, 3, 3, 3, 3, 3, 3, 3])])),
            Case(
                kind: kind, name: "rates", space: depth, parameters: parameters(12, 100, seed: 7),
                settings: VariationSettings(tournament: 4, crossoverRate: 0.5, mutationRate: 0.4)),
        ]
    }

    /// What earlier versions asked.
    static let first = ["evolution", "nsga2", "random"].flatMap(cases)
    static let all = first + later

    /// Algorithms that came later, and settings that are no variation: without the states of earlier versions.
    static var later: [Case] {
        let kinds = SearchAlgorithm.kinds.filter { !["evolution", "nsga2", "random"].contains($0) }
        let plain = kinds.flatMap { kind in cases(of: kind).filter { $0.name != "rates" } }
        let own: [(String, any SearchAlgorithmSettings)] =
            EvolutionPreset.allCases.map { ($0.rawValue, EvolutionSettings(preset: $0)) } + [
                ("best", LocalSettings(around: .best)), ("children", AgingSettings(sample: 3, children: 2)),
                ("bins", BinsSettings(bins: 4, crossoverRate: 0.3, mutationRate: 0.4)),
                ("directions", UNSGA3Settings(variation: VariationSettings(tournament: 3), directions: 6)),
            ]
        return plain
            + own.map { name, settings in
                Case(
                    kind: type(of: settings).kind, name: name, space: DepthSpace(depth: 8, options: 4),
                    parameters: SearchParameters(
                        population: 12, evaluations: 100, objectives: name == "directions" ? 3 : 2, seed: 7),
                    own: settings)
            }
    }

    static func kept(_ search: Case) throws -> Kept {
        let folder = try #require(Bundle.module.url(forResource: "Fixtures", withExtension: nil))
        let kept = try ["questions.json", "questions-later.json"].compactMap { file in
            let data = try Data(contentsOf: folder.appending(path: file))
            return try JSONDecoder().decode([String: [String: Kept]].self, from: data)[search.kind]?[search.name]
        }
        return try #require(kept.first)
    }

    /// Writes `questions-later.json` into the folder that NASD_WRITE_QUESTIONS names.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["NASD_WRITE_QUESTIONS"] != nil))
    func questionsOfLaterAlgorithmsAreWritten() throws {
        var written: [String: [String: [String: [String]]]] = [:]
        for search in Self.later {
            var running = try search.search()
            var questions: [String] = []
            while case let batch = running.ask(), !batch.isEmpty {
                questions.append(Self.text(batch))
                try running.tell(batch.map { search.measure($0.genome) })
            }
            written[search.kind, default: [:]][search.name] = ["questions": questions]
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        let folder = try #require(ProcessInfo.processInfo.environment["NASD_WRITE_QUESTIONS"])
        try encoder.encode(written).write(to: URL(filePath: folder).appending(path: "questions-later.json"))
    }

    static func text(_ batch: [Proposal]) -> String {
        batch.map { proposal in
            let digits = proposal.genome.choices.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
            return "\(proposal.origin.rawValue):\(digits.joined())"
        }.joined(separator: " ")
    }

    @Test(arguments: all) func theSameSeedsAskTheSameQuestions(search: Case) throws {
        let kept = try Self.kept(search)
        var running = try search.search()
        var questions: [String] = []
        while case let batch = running.ask(), !batch.isEmpty {
            questions.append(Self.text(batch))
            try running.tell(batch.map { search.measure($0.genome) })
        }
        #expect(questions == kept.questions)
    }

    @Test(arguments: first.filter { ["plain", "survivors", "rates"].contains($0.name) })
    func statesOfEarlierVersionsGoOn(search: Case) throws {
        let kept = try Self.kept(search)
        var whole = try search.search()
        var told: [SearchMember] = []
        for _ in 0..<3 {
            let batch = whole.ask().map { search.measure($0.genome) }
            try whole.tell(batch)
            told += batch
        }
        for text in [try #require(kept.told), try #require(kept.asked)] {
            var object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
            // The first versions wrote every known genome too.
            object["archive"] = ["080000000000000001"]
            for json in [Data(text.utf8), try JSONSerialization.data(withJSONObject: object)] {
                var resumed = try search.resumed(json, told: told)
                #expect(try resumed.state.algorithm == search.algorithm)
                var questions: [String] = []
                while case let batch = resumed.ask(), !batch.isEmpty {
                    questions.append(Self.text(batch))
                    try resumed.tell(batch.map { search.measure($0.genome) })
                }
                #expect(questions == Array(kept.questions.dropFirst(3)))
            }
        }
    }

    @Test(arguments: all) func aSearchResumedAtAnyPointIsTheUninterruptedOne(search: Case) throws {
        var whole = try search.search()
        var resumed = whole
        var told: [SearchMember] = []
        while true {
            // Killed between a tell and an ask, and between an ask and a tell.
            if whole.state.asked > 0 { resumed = try search.resumed(resumed.state.json(), told: told) }
            let batch = resumed.ask()
            #expect(batch == whole.ask())
            resumed = try search.resumed(resumed.state.json(), told: told)
            #expect(resumed.ask() == batch)
            #expect(resumed.state == whole.state)
            if batch.isEmpty { break }
            let results = batch.map { search.measure($0.genome) }
            try whole.tell(results)
            try resumed.tell(results)
            told += results
            #expect(resumed.state == whole.state)
            #expect(try resumed.state.json() == whole.state.json())
            #expect(whole.state.archive == search.start.measured + told)
        }
    }

    @Test(arguments: ["evolution", "nsga2"]) func ownSettingsChangeTheRun(kind: String) throws {
        func questions(_ settings: VariationSettings?) throws -> [String] {
            let plain = try #require(Self.cases(of: kind).first)
            let changed = Case(
                kind: kind, name: "", space: plain.space, parameters: plain.parameters, settings: settings)
            var search = try changed.search()
            var all: [String] = []
            while case let batch = search.ask(), !batch.isEmpty {
                all.append(Self.text(batch))
                try search.tell(batch.map { changed.measure($0.genome) })
            }
            return all
        }
        let usual = try questions(nil)
        #expect(try questions(VariationSettings()) == usual)
        #expect(try questions(VariationSettings(tournament: 3)) != usual)
        #expect(try questions(VariationSettings(crossoverRate: 0.2)) != usual)
        #expect(try questions(VariationSettings(mutationRate: 0.5)) != usual)
    }

    /// A table of 625 architectures: in 200 evaluations uniform draws miss its best 5 % once in 28,000 times.
    @Test(arguments: SearchAlgorithm.kinds) func everyAlgorithmSearchesATable(kind: String) throws {
        let space = ListSpace([5, 5, 5, 5])
        var table: [Genome: Fitness] = [:]
        for index in 0..<625 {
            let genome = Genome([125, 25, 5, 1].map { UInt8(index / $0 % 5) })
            let error = genome.choices.enumerated().reduce(0.0) { sum, choice in
                sum + (Double(choice.element) - Double(choice.offset)).magnitude
            }
            table[genome] = Fitness(objectives: [error, genome.choices.reduce(0) { $0 + Double($1) }])
        }
        let best = table.values.map { $0.objectives[0] }.sorted()[31]
        var search = try Search(
            try #require(SearchAlgorithm(kind: kind)), in: space,
            parameters: SearchParameters(population: 20, evaluations: 200, objectives: 2, seed: 1))
        while case let batch = search.ask(), !batch.isEmpty {
            try search.tell(
                batch.map { SearchMember(genome: $0.genome, fitness: try #require(table[$0.genome])) })
        }
        #expect(search.state.archive.count == 200)
        #expect(search.state.archive.contains { $0.fitness.objectives[0] <= best })
        #expect(search.state.population.count == 20)
    }
}
