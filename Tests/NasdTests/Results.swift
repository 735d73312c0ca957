import Foundation
import Store
import Testing

/// Every byte that a user gets and that must not depend on how the run went.
struct Results: Equatable {
    private let files: [String: Data]

    /// Takes the networks of a run's data directory, and its tables.
    ///
    /// - Parameter tables: By name; nil for the files that `nasd run` leaves.
    init(of run: SmallRun, tables: [String: Data]? = nil) throws {
        let id = try #require(try run.status()).run.id.text
        let kept = SmallRun.snapshot(run.output).filter { name, _ in
            (tables == nil && name.hasSuffix(".csv")) || name.hasPrefix("runs/\(id)/models/")
        }
        files = kept.merging(tables ?? [:]) { $1 }.reduce(into: [:]) { $0[$1.key.replacing(id, with: "ID")] = $1.value }
        #expect(files.count >= 4 && files["results.csv"] != nil && files["front.csv"] != nil)
    }
}
