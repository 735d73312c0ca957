import Foundation
import Store
import Testing

/// Every byte that a user gets and that must not depend on how the run went.
struct Results: Equatable {
    private let files: [String: Data]
    /// Step, loss and learning rate of every record of training.
    private let training: [[Double]]

    /// Takes the networks of a run's data directory, and its tables.
    ///
    /// - Parameters:
    ///   - tables: By name; nil for the files that `nasd run` leaves.
    ///   - isTrained: Whether the run trains its supernet itself.
    init(of run: SmallRun, tables: [String: Data]? = nil, isTrained: Bool = true) throws {
        let id = try #require(try run.status()).run.id.text
        let kept = SmallRun.snapshot(run.output).filter { name, _ in
            (tables == nil && name.hasSuffix(".csv")) || name.hasPrefix("runs/\(id)/models/")
        }
        files = kept.merging(tables ?? [:]) { $1 }.reduce(into: [:]) { $0[$1.key.replacing(id, with: "ID")] = $1.value }
        let reader = try RunReader(DataDirectory(reading: run.output))
        training = try reader.trainingRecords(try reader.findRun(id).id).map {
            [Double($0.step), $0.loss, $0.learningRate]
        }
        #expect(training.isEmpty != isTrained)
        #expect(files.count >= 4 && files["results.csv"] != nil && files["front.csv"] != nil)
    }
}
