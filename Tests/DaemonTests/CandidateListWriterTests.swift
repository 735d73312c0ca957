import API
import Foundation
import Testing

@testable import Daemon

/// The hot route's own writer says what the general encoder says.
@Suite struct CandidateListWriterTests {
    private func item(_ number: Int, full: Bool) -> CandidateItem {
        CandidateItem(
            candidate: number, key: "k\"\\\u{1}\n/é😀", genome: "embed=96;depth=5", origin: "mutation", round: 1,
            weightsStep: 40, state: full ? "completed" : "failed: nonfinite", feasible: full ? true : nil,
            violation: full ? 0 : nil, accuracy: full ? 0.1 + 0.2 : nil, loss: full ? 1e-7 : nil,
            samples: full ? 1000 : nil, params: 123, multiplyAdds: Int.max, latencyMilliseconds: full ? 12 : nil,
            latencyKind: full ? "measured" : nil, onFront: full, validationAccuracy: full ? 1 : nil,
            testAccuracy: full ? 0.5 : nil, measured: full ? Date(timeIntervalSince1970: 1_800_000_000) : nil)
    }

    @Test(arguments: [0, 1, 3]) func readsBackAsTheSame(count: Int) throws {
        let items = (0..<count).map { item($0 + 1, full: $0 % 2 == 0) }
        for next in [nil, "3"] {
            let list = CandidateList(run: "abcdefghijkl", candidates: items, next: next)
            let bytes = CandidateListWriter.bytes(of: list)
            #expect(try WireFormat.decode(CandidateList.self, from: Data(bytes)) == list)
            // The same keys in the same order as every other document.
            let general = try JSONSerialization.jsonObject(with: WireFormat.encode(list)) as? NSDictionary
            #expect(try JSONSerialization.jsonObject(with: Data(bytes)) as? NSDictionary == general)
        }
    }
}
