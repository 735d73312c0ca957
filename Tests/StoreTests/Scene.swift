import Foundation
import Runs
import SearchSpaces
import TestSupport

@testable import Store

/// A temporary folder with a store, and rows to put into it.
final class Scene {
    let path = NSTemporaryDirectory() + "nasd-store-" + UUID().uuidString
    var generator = SeededGenerator(.random(in: 0 ... .max))

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func open() throws -> RunStore { try RunStore(DataDirectory(owning: path)) }

    func makeRun(_ store: RunStore, name: String = "mnist") throws -> RunID {
        try store.createRun(
            RunDraft(name: name, seed: .max, runYAML: "a: 1", spaceYAML: "b: 2"), time: at(1), using: &generator
        ).id
    }

    /// A run whose documents are real: of numbers told by a network, or of networks that live elsewhere.
    func makeRun(_ store: RunStore, space: String, objectives: String) throws -> RunID {
        let run = """
            {apiVersion: nasd/v1, kind: Run, name: declared, space: x, data: {format: glyphs}, train: {steps: 10},
              search: {objectives: \(objectives)}}
            """
        return try store.createRun(
            try RunSpecification.parse(yaml: run, file: "run"),
            space: try SearchSpace.parse(
                yaml: "apiVersion: nasd/v1\nkind: SearchSpace\nname: x\n" + space, file: "space"),
            time: at(1), using: &generator
        ).id
    }

    static let regression = """
        family: mlp
        input: {features: 4, outputs: 1}
        choices: {width: [8, 16], depth: [1, 2], expansion: [1, 2]}
        """
    static let elsewhere = """
        family: external
        decisions: [{name: op, count: 3, options: [1, 2]}]
        metrics: {error: {goal: minimize}, energy: {unit: joules}}
        """

    func at(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

    func candidate(
        _ number: Int, key: String? = nil, round: Int = 0, params: Int = 10, bytes: Int? = nil
    ) -> Candidate {
        Candidate(
            number: number, key: key ?? "k\(number)", genomeText: "embed=96;heads=3,2", genome: Genome([1, 2, 3]),
            origin: "random", round: round, weightsStep: round * 100,
            cost: bytes.map { ArchitectureCost([.params, .multiplyAdds, .activationBytes], [params, 7, $0]) }
                ?? ArchitectureCost(params: params, multiplyAdds: 7))
    }

    func record(_ step: Int, loss: Double = 2, speed: Double = 10) -> TrainingRecord {
        TrainingRecord(
            step: step, loss: loss / Double(step), learningRate: 0.001, stepsPerSecond: speed,
            elapsedSeconds: Double(step) / speed)
    }

    func accuracy(_ number: Int, _ value: Double) -> CandidateMeasurement {
        CandidateMeasurement(candidate: number, kind: MeasurementKind(.accuracy), value: value, samples: 1000)
    }
}

func storeError(_ body: () throws -> Void) -> StoreError? {
    do { try body() } catch { return error as? StoreError }
    return nil
}
