import API
import Foundation
import Testing

@testable import Daemon

/// What the hot routes write by hand is what the general encoder says.
@Suite struct ListWriterTests {
    private func item(_ number: Int, full: Bool) -> CandidateItem {
        CandidateItem(
            candidate: number, key: "k\"\\\u{1}\n/é😀", genome: "embed=96;depth=5", origin: "mutation", round: 1,
            weightsStep: 40, state: full ? "completed" : "failed: nonfinite", feasible: full ? true : nil,
            violation: full ? 0 : nil, accuracy: full ? 0.1 + 0.2 : nil, loss: full ? 1e-7 : nil,
            samples: full ? 1000 : nil, params: 123, multiplyAdds: Int.max, latencyMilliseconds: full ? 12 : nil,
            latencyKind: full ? "measured" : nil, onFront: full, validationAccuracy: full ? 1 : nil,
            testAccuracy: full ? 0.5 : nil, measured: full ? Date(timeIntervalSince1970: 1_800_000_000) : nil)
    }

    @Test(arguments: [0, 1, 3]) func candidatesReadBackAsTheSame(count: Int) throws {
        let items = (0..<count).map { item($0 + 1, full: $0 % 2 == 0) }
        for next in [nil, "3"] {
            let list = CandidateList(run: "abcdefghijkl", candidates: items, next: next)
            let bytes = list.jsonBytes
            #expect(try WireFormat.decode(CandidateList.self, from: Data(bytes)) == list)
            // The same keys in the same order as every other document.
            let general = try JSONSerialization.jsonObject(with: WireFormat.encode(list)) as? NSDictionary
            #expect(try JSONSerialization.jsonObject(with: Data(bytes)) as? NSDictionary == general)
        }
    }

    @Test(arguments: [0, 1, 3]) func runsReadBackAsTheSame(count: Int) throws {
        let time = Date(timeIntervalSince1970: 1_800_000_000)
        let runs = (0..<count).map { number in
            let isFull = number % 2 == 0
            return RunItem(
                id: "abcdefghijkl", name: "n\"\\\n/é", state: "training", desired: "running", priority: -number,
                created: time, updated: time + 1, space: "vit", step: 1, steps: 10, loss: isFull ? 1e-7 : nil,
                round: isFull ? 0 : nil, evaluations: 3, evaluationsPlanned: 4, candidates: 5,
                hypervolume: isFull ? 0.1 + 0.2 : nil, secondsLeft: isFull ? 12 : nil, workers: isFull ? 2 : nil,
                queuePosition: isFull ? 1 : nil, lastEvent: 9, failure: isFull ? "f" : nil)
        }
        for next in [nil, "3"] {
            let list = RunList(runs: runs, next: next)
            #expect(try WireFormat.decode(RunList.self, from: Data(list.jsonBytes)) == list)
            let general = try JSONSerialization.jsonObject(with: WireFormat.encode(list)) as? NSDictionary
            #expect(try JSONSerialization.jsonObject(with: Data(list.jsonBytes)) as? NSDictionary == general)
        }
    }
}
