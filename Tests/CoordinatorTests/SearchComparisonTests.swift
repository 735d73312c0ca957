import Datasets
import Foundation
import Runs
import SearchSpaces
import Store
import Tensors
import TestSupport
import Testing
import Training

@testable import Coordinator

/// What a search leaves untold: a best where nothing is feasible, a volume of too many objectives.
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
            #expect(five.best == 0 && five.hypervolume == nil)
            // What is told is what was asked for: there are nine.
            let all = try compare(inputs(objectives: 2, in: folder), evaluations: 7000)
            #expect(all.evaluations == 9 && all.failed == 0 && two.evaluations == 9)
        }
    }

    /// A run by five objectives ends with its front, and tells no volume.
    @Test(arguments: [4, 5]) func roundsOfManyObjectives(objectives: Int) throws {
        try withDirectory { folder in
            let inputs = try inputs(objectives: objectives, in: folder)
            let session = try RunSession(inputs, directory: folder + "/out")
            let outcome = try session.execute(
                inputs, pool: try WorkerPool(count: 1), kernels: try Kernels(), control: RunControl()
            ) { _ in }
            #expect(outcome == .completed)
            let rounds = try session.store.rounds(session.run.id)
            #expect(rounds.map(\.evaluations) == [9] && (rounds[0].hypervolume != nil) == (objectives == 4))
            let front = try session.store.bulk.front(
                session.run.id, weightsStep: 0, objectives: inputs.specification.objectives, constraints: [])
            #expect(front.count == 9)
            try session.store.close()
        }
    }
}
