import Foundation
import TestSupport

/// Every kill, and how often each phase was hit.
struct KillLog {
    struct Kill {
        let phase: String
        let step: Int
        let workers: Int
    }

    var kills: [Kill] = []

    func count(_ phase: String) -> Int { kills.filter { $0.phase == phase }.count }

    /// Writes the tables to the file that `NASD_KILL_LOG` names, where it is set.
    func write() throws {
        guard let path = ProcessInfo.processInfo.environment["NASD_KILL_LOG"] else { return }
        var lines = ["| phase | kills |", "|---|---|"]
        for phase in Set(kills.map(\.phase)).sorted() { lines.append("| \(phase) | \(count(phase)) |") }
        lines += ["| all | \(kills.count) |", "", "| kill | phase | step | workers |", "|---|---|---|---|"]
        for (index, kill) in kills.enumerated() {
            lines.append("| \(index + 1) | \(kill.phase) | \(kill.step) | \(kill.workers) |")
        }
        try Files.write(Array((lines.joined(separator: "\n") + "\n").utf8), path)
    }
}
