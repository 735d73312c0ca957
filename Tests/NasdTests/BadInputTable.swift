import Foundation
import Synchronization
import TestSupport

/// What every bad input came to, as a Markdown table in the file that `NASD_BAD_INPUT_TABLE` names.
enum BadInputTable {
    struct Row {
        let name: String
        let command: String
        let code: Int32
        let message: String
        let after: String
    }

    private static let rows = Mutex<[Row]>([])

    /// Adds a row and writes the table anew, so that it is whole whichever test is the last.
    static func add(_ row: Row, folder: String) throws {
        guard let path = ProcessInfo.processInfo.environment["NASD_BAD_INPUT_TABLE"] else { return }
        let shown = Row(
            name: row.name, command: plain(row.command, folder), code: row.code, message: plain(row.message, folder),
            after: row.after)
        let all = rows.withLock { rows in
            rows.append(shown)
            return rows
        }
        var lines = ["| case | command | exit code | message | state after |", "|---|---|---|---|---|"]
        for row in all.sorted(by: { ($0.code, $0.name) < ($1.code, $1.name) }) {
            lines.append("| \(row.name) | `\(row.command)` | \(row.code) | \(row.message) | \(row.after) |")
        }
        try Files.write(Array((lines.joined(separator: "\n") + "\n").utf8), path)
    }

    /// The text without names of this machine, on one line.
    private static func plain(_ text: String, _ folder: String) -> String {
        text.replacing(folder, with: "DIR").replacing(Repository.root.path, with: "REPOSITORY")
            .trimmingCharacters(in: .whitespacesAndNewlines).replacing("|", with: "\\|").replacing("\n", with: "<br>")
    }
}
