import API
import Foundation

/// Documents of a daemon, as the tests need them.
enum Samples {
    static let id = "k3v9qm2a7xwd"
    static let begun = Date(timeIntervalSince1970: 1_700_000_000)

    static func item(
        id: String = id, name: String = "mnist-vit", state: String = "training", desired: String = "running",
        step: Int = 1200, round: Int? = 1, failure: String? = nil, lastEvent: Int = 17
    ) -> RunItem {
        RunItem(
            id: id, name: name, state: state, desired: desired, priority: 0, created: begun,
            updated: begun.addingTimeInterval(60), space: "vit-mnist", step: step, steps: 3000, loss: 0.43127,
            round: round, evaluations: 40, evaluationsPlanned: 100, candidates: 140, hypervolume: 0.7321,
            secondsLeft: 4711, workers: 2, lastEvent: lastEvent, failure: failure)
    }

    static func run(_ item: RunItem = item()) -> RunDocument {
        RunDocument(
            run: item,
            objectives: [
                .init(metric: "accuracy", goal: "maximize"), .init(metric: "multiplyAdds", goal: "minimize"),
            ],
            constraints: [.init(metric: "params", atMost: 900_000)], sampler: "sandwich",
            rounds: [RoundItem(round: 0, weightsStep: 1000, state: "completed", evaluations: 100, hypervolume: 0.7)],
            specification: "kind: Run\n", space: "kind: SearchSpace\n", numerics: "avx512")
    }

    static func training(_ count: Int) -> [TrainingDocument.Record] {
        (1...count).map {
            .init(
                step: 2 * $0, loss: 2.5 / Double($0), learningRate: 0.001, stepsPerSecond: 10,
                elapsedSeconds: Double(2 * $0) / 10)
        }
    }

    static func candidate(_ number: Int, accuracy: Double? = nil, state: String = "completed") -> CandidateItem {
        CandidateItem(
            candidate: number, key: String(repeating: "0", count: 32),
            genome: "embed=96;depth=5;heads=3,2,4,3,2;mlpRatio=2,4,3,3,2", origin: "mutation", round: 1,
            weightsStep: 1000, state: state, feasible: true, violation: 0,
            accuracy: accuracy ?? 0.9 + Double(number) / 1000, loss: 0.1, samples: 1000, params: 400_000 + number,
            multiplyAdds: 20_000_000 + number * 1000, latencyMilliseconds: nil, latencyKind: nil,
            onFront: number % 2 == 0, validationAccuracy: nil, testAccuracy: nil, measured: begun)
    }

    static func event(_ sequence: Int, _ type: String = "run.progress", run: String = id) -> String {
        #"{"type":"\#(type)","timestamp":"2026-01-02T03:04:05Z","data":{"step":\#(sequence * 10),"run":"\#(run)","seq":\#(sequence)}}"#
    }
}
