internal import API
internal import ArgumentParser
internal import Coordinator
internal import Foundation
internal import Store

/// `nasd verify DIRECTORY`: whether what runs have left is what they computed.
struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check a data directory or a backup: digests, costs, budgets, fronts and tables, derived anew.",
        discussion: """
            Needs no data and computes no network; reads only. Names each difference, and then ends with 1. What an earlier version \
            wrote without digests is held against the rest alone.

            Example: nasd verify nasd-runs/mnist-vit
            """)

    @Argument(help: "The data directory, or a backup.", transform: PathText.checked)
    var directory: String

    func run() throws {
        try Failure.catching {
            let place = try DataDirectory(reading: directory)
            var differences = 0
            func tell(_ name: String, _ found: [String], _ text: String) {
                differences += found.count
                for difference in found { Output.line("\(name): \(difference)") }
                if found.isEmpty { Output.line("\(name): as it must be\(text)") }
            }
            if FileManager.default.fileExists(atPath: directory + "/backup.json") {
                var found: [String] = []
                do throws(StoreError) { try Backup(directory).check() } catch { found = ["\(error)"] }
                tell("backup", found, "")
            }
            var found: [String] = []
            do throws(StoreError) { try Backup.check(place) } catch { found = ["\(error)"] }
            tell("database", found, "")
            guard found.isEmpty else { throw Self.failure(differences) }
            let store = try RunReader(place), runs = try store.runs(limit: .max)
            for run in runs {
                // A directory of nasd run has the tables of its one run at its top.
                let result = RunVerification(run.id, in: store, hasTables: runs.count == 1 && run.state == .completed)
                let counts = result.checked.map { "\($0.count) \($0.what)" }.joined(separator: ", ")
                tell("run \(run.id) (\(run.name), \(run.state.rawValue))", result.differences, ": \(counts)")
            }
            if differences > 0 { throw Self.failure(differences) }
        }
    }

    private static func failure(_ count: Int) -> Failure {
        Failure(code: .failure, message: "error: \(count) \(count == 1 ? "difference" : "differences")")
    }
}
