import Foundation
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

    func at(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

    func candidate(_ number: Int, key: String? = nil, round: Int = 0, params: Int = 10) -> Candidate {
        Candidate(
            number: number, key: key ?? "k\(number)", genomeText: "embed=96;heads=3,2", genome: Genome([1, 2, 3]),
            origin: "random", round: round, weightsStep: round * 100,
            cost: ArchitectureCost(params: params, multiplyAdds: 7))
    }

    func record(_ step: Int, loss: Double = 2, speed: Double = 10) -> TrainingRecord {
        TrainingRecord(
            step: step, loss: loss / Double(step), learningRate: 0.001, stepsPerSecond: speed,
            elapsedSeconds: Double(step) / speed)
    }

    func accuracy(_ number: Int, _ value: Double) -> CandidateMeasurement {
        CandidateMeasurement(candidate: number, kind: .accuracy, value: value, samples: 1000)
    }
}

func storeError(_ body: () throws -> Void) -> StoreError? {
    do { try body() } catch { return error as? StoreError }
    return nil
}
