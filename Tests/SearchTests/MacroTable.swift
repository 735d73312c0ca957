import Foundation
import SearchSpaces

/// The published results of every architecture of `MacroSpace`, scaled to [0, 1] and minimised.
struct MacroTable {
    private struct Row: Decodable {
        let accuracy: Double
        let flops: Double

        enum CodingKeys: String, CodingKey {
            case accuracy = "mean_acc"
            case flops
        }
    }

    let points: [Genome: [Double]]

    init?() throws {
        guard let folder = ProcessInfo.processInfo.environment["NASD_TEST_DATA"] else { return nil }
        let file = URL(fileURLWithPath: folder).appendingPathComponent("nas-bench-macro/nas-bench-macro_cifar10.json")
        let rows = try JSONDecoder().decode([String: Row].self, from: Data(contentsOf: file))
        let errors = rows.values.map { -$0.accuracy }
        let costs = rows.values.map(\.flops)
        let (low, high) = (errors.min()!, errors.max()!)
        let (cheap, dear) = (costs.min()!, costs.max()!)
        var points: [Genome: [Double]] = [:]
        for (name, row) in rows {
            let genome = Genome(name.utf8.map { $0 - UInt8(ascii: "0") })
            points[genome] = [(-row.accuracy - low) / (high - low), (row.flops - cheap) / (dear - cheap)]
        }
        self.points = points
    }
}
