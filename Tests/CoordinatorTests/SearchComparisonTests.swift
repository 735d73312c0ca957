import Datasets
import Documents
import Foundation
import Runs
import SearchSpaces
import Store
import Tensors
import TestSupport
import Testing
import Training

@testable import Coordinator

/// What comparisons of searches tell, and what they leave untold: a best where nothing is feasible.
@Suite struct SearchComparisonTests {
    private static let names = ["m0", "m1", "m2", "m3", "m4"]

    /// Nine architectures; each metric is a function of both options, the first two against one another.
    private func inputs(objectives: Int, _ more: String = "", in folder: String) throws -> RunInputs {
        var table = "n,\(Self.names.joined(separator: ","))\n"
        for a in 0..<3 {
            for b in 0..<3 { table += "\(a)\(b),\(3 * a + b),\(8 - 3 * a - b),\(a),\(b),\((a + b) % 3)\n" }
        }
        try Files.write(Array(table.utf8), folder + "/t.csv")
        let metrics = Self.names.map { "\($0): \($0)" }.joined(separator: ", ")
        let goals = Self.names.prefix(objectives).map { "{metric: \($0), goal: minimize}" }.joined(separator: ", ")
        let specification = try RunSpecification.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: Run
                name: grid
                space: grid
                evaluator: {kind: table, file: t.csv, key: {column: n, template: '{a}{b}'}, metrics: {\(metrics)}}
                search: {objectives: [\(goals)], population: 3, evaluations: 9\(more)}
                """, file: "run.yaml")
        let space = """
            apiVersion: nasd/v1
            kind: SearchSpace
            name: grid
            family: external
            decisions: [{name: a, options: [0, 1, 2]}, {name: b, options: [0, 1, 2]}]
            metrics: {\(Self.names.map { "\($0): {goal: minimize}" }.joined(separator: ", "))}

            """
        return try RunInputs(
            specification: specification, space: try SearchSpace.parse(yaml: space, file: "s"),
            folder: DataFolder(folder))
    }

    private func compare(_ inputs: RunInputs, evaluations: Int = 9) throws -> SearchComparison.Result {
        let comparison = try SearchComparison(inputs)
        let algorithm = try #require(SearchAlgorithm(kind: "random"))
        return try comparison.search(algorithm, seed: 1, evaluations: evaluations, population: 3)
    }

    @Test func whatIsToldOfASearch() throws {
        try withDirectory { folder in
            let two = try compare(inputs(objectives: 2, in: folder))
            // Nine points on a line from corner to corner: a staircase of 28 of 64 squares.
            #expect(two.best == 0 && abs((two.hypervolume ?? 0) - 28.0 / 64) < 1e-12)
            // Each bound is kept by some, both together by none.
            let bounds = ", constraints: [{metric: m0, atMost: 2}, {metric: m1, atMost: 2}]"
            let none = try compare(inputs(objectives: 2, bounds, in: folder))
            #expect(none.best == nil && none.hypervolume == 0)
            let five = try compare(inputs(objectives: 5, in: folder))
            #expect(five.best == 0 && five.curve.count == 9 && (five.hypervolume ?? 0) > 0)
            // A search's curve ends at its volume, and its best so far at its best.
            #expect(abs((two.curve[8] ?? 0) - 28.0 / 64) < 1e-12 && two.bests.last == 0)
            #expect(two.curve.compactMap(\.self) == two.curve.compactMap(\.self).sorted() && none.bests[8] == nil)
            // What is told is what was asked for: there are nine.
            let all = try compare(inputs(objectives: 2, in: folder), evaluations: 7000)
            #expect(all.evaluations == 9 && all.failed == 0 && two.evaluations == 9)
        }
    }

    /// Arms by their kinds, or with settings of their own, and what is none.
    @Test func armsAreRead() throws {
        try withDirectory { folder in
            let base = try inputs(objectives: 2, in: folder).specification
            func arms(_ text: String) throws -> [SearchArm] { try SearchArm.list(text, in: base) }
            let nsga2 = try #require(SearchAlgorithm(kind: "nsga2"))
            #expect(try arms("nsga2, random").map(\.name) == ["nsga2", "random"])
            let two = try arms("nsga2; {kind: nsga2, tournament: 4}; random")
            #expect(two.map(\.name) == ["nsga2", "{kind: nsga2, tournament: 4}", "random"])
            #expect(two[0].algorithm == nsga2 && two[1].algorithm != nsga2)
            #expect(try arms("{kind: nsga2}") == [SearchArm(nsga2)])
            for text in ["", "nsga3000", "nsga2,nsga2", "nsga2; {kind: nsga2}", "{kind: nsga2"] {
                #expect(throws: SearchArmError.self, "\(text)") { try arms(text) }
            }
            #expect(throws: DocumentError.self) { try arms("{kind: nsga2, tournament: none}") }
        }
    }

    @Test func whatIsReported() throws {
        try withDirectory { folder in
            let inputs = try inputs(objectives: 2, in: folder), comparison = try SearchComparison(inputs)
            var report = SearchComparisonReport(best: "bestM0")
            for seed in 1...3 {
                for arm in try SearchArm.list("nsga2,random", in: inputs.specification) {
                    let result = try comparison.search(arm.algorithm, seed: seed, evaluations: 6, population: 3)
                    report.add(result, run: "grid", arm: arm.name)
                }
            }
            #expect(report.runs == ["grid"] && report.arms.map(\.name) == ["nsga2", "random"])
            for arm in report.arms {
                #expect(arm.quartiles.count == 6)
                for (place, found) in arm.quartiles.enumerated() {
                    let values = arm.searches.compactMap { $0.curve[place] }.sorted()
                    #expect(found.median == values[1])
                    #expect(abs(found.lower - (values[0] + values[1]) / 2) < 1e-15)
                    #expect(abs(found.upper - (values[1] + values[2]) / 2) < 1e-15)
                }
            }
            // Six of nine points of one front: the best of all have some that a search does not.
            #expect(report.distances.joined().allSatisfy { ($0 ?? -1) >= 0 && ($0 ?? 1) < 0.5 })
            func lines(_ bytes: [UInt8]) -> [Substring] {
                String(decoding: bytes, as: UTF8.self).split(separator: "\r\n")
            }
            #expect(lines(report.results())[0] == "run,algorithm,seed,evaluations,hypervolume,bestM0,igdPlus")
            #expect(lines(report.results()).count == 7 && lines(report.curves()).count == 37)
            #expect(lines(report.summary()).count == 13)
            #expect(lines(report.curves())[1].hasPrefix("grid,nsga2,1,1,"))
        }
    }

    @Test func quartilesByHand() {
        #expect(Quartiles([1, 2, 3, 4, 5])?.lower == 2 && Quartiles([5, 1, 4, 2, 3])?.median == 3)
        #expect(Quartiles([1, 2])?.upper == 1.75 && Quartiles([7])?.lower == 7)
        #expect(Quartiles([]) == nil && Quartiles([1, nil]) == nil)
    }

    /// A run by four or five objectives ends with its front and its volume.
    @Test(arguments: [4, 5]) func roundsOfManyObjectives(objectives: Int) throws {
        try withDirectory { folder in
            let inputs = try inputs(objectives: objectives, in: folder)
            let session = try RunSession(inputs, directory: folder + "/out")
            let outcome = try session.execute(
                inputs, pool: try WorkerPool(count: 1), kernels: try Kernels(), control: RunControl()
            ) { _ in }
            #expect(outcome == .completed)
            let rounds = try session.store.rounds(session.run.id)
            #expect(rounds.map(\.evaluations) == [9] && (rounds[0].hypervolume ?? 0) > 0)
            let front = try session.store.bulk.front(
                session.run.id, weightsStep: 0, objectives: inputs.specification.objectives, constraints: [])
            #expect(front.count == 9)
            try session.store.close()
        }
    }
}
