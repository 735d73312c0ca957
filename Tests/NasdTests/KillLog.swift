import Foundation
import TestSupport

/// Every kill, and how often each phase was hit.
struct KillLog {
    struct Kill {
        /// The state of the run as the store has it.
        let state: String
        let step: Int
        /// What went on: the state, or what goes on within one.
        let phase: String
        let workers: Int
    }

    /// The number of kills that `NASD_KILLS` asks for.
    static let wanted = ProcessInfo.processInfo.environment["NASD_KILLS"].flatMap(Int.init)

    var kills: [Kill] = []
    /// Numbers besides, by name.
    var totals: [String: Int] = [:]

    func count(_ phase: String) -> Int { kills.filter { $0.phase == phase }.count }

    /// Writes the tables to the file that `NASD_KILL_LOG` names, where it is set.
    func write() throws {
        guard let path = ProcessInfo.processInfo.environment["NASD_KILL_LOG"] else { return }
        var lines = ["| phase | kills |", "|---|---|"]
        for phase in Set(kills.map(\.phase)).sorted() { lines.append("| \(phase) | \(count(phase)) |") }
        lines.append("| all | \(kills.count) |")
        if !totals.isEmpty {
            lines += ["", "| besides | number |", "|---|---|"]
            for (name, total) in totals.sorted(by: { $0.key < $1.key }) { lines.append("| \(name) | \(total) |") }
        }
        lines += ["", "| kill | state | step | phase | workers |", "|---|---|---|---|---|"]
        for (index, kill) in kills.enumerated() {
            lines.append("| \(index + 1) | \(kill.state) | \(kill.step) | \(kill.phase) | \(kill.workers) |")
        }
        try Files.write(Array((lines.joined(separator: "\n") + "\n").utf8), path)
    }
}
