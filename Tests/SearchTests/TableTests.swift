import Foundation
import Runs
import SearchSpaces
import Testing

@testable import Search

@Suite(
    .enabled(
        if: ProcessInfo.processInfo.environment["NASD_TEST_DATA"] != nil,
        "set NASD_TEST_DATA to the folder of test data to compare with NAS-Bench-Macro"))
struct TableTests {
    @Test func theTrueFrontHasThePublishedHypervolume() throws {
        let table = try #require(try MacroTable())
        #expect(table.points.count == 6561)
        #expect(Set(table.points.keys.map(MacroSpace().canonical)).count == 3969)
        let points = Array(table.points.values)
        let front = Front.indices(of: points.map { Fitness(objectives: $0) })
        let volume = Hypervolume.value(of: front.map { points[$0] }, reference: [1, 1])
        #expect(abs(volume - 0.902_774_830_888_306_8) < 1e-12)
        #expect(Hypervolume.value(of: points, reference: [1, 1]) == volume)
    }

    @Test func nsga2FindsMoreThanRandomDraws() throws {
        let table = try #require(try MacroTable())
        func mean(_ kind: String) throws -> Double {
            var sum = 0.0
            for seed in 0..<10 as Range<UInt64> {
                let parameters = SearchParameters(population: 20, evaluations: 200, objectives: 2, seed: seed)
                var algorithm = try Search(
                    try #require(SearchAlgorithm(kind: kind)), in: MacroSpace(), parameters: parameters)
                var found: [[Double]] = []
                while case let batch = algorithm.ask(), !batch.isEmpty {
                    let values = try batch.map { try #require(table.points[$0.genome]) }
                    found += values
                    try algorithm.tell(
                        zip(batch, values).map { SearchMember(genome: $0.genome, fitness: Fitness(objectives: $1)) })
                }
                #expect(found.count == 200)
                sum += Hypervolume.value(of: found, reference: [1, 1])
            }
            return sum / 10
        }
        let evolved = try mean("nsga2")
        let drawn = try mean("random")
        print("NAS-Bench-Macro, 200 evaluations, mean hypervolume: nsga2 \(evolved), random \(drawn)")
        #expect(evolved > drawn)
        #expect(evolved > 0.86)
    }
}
