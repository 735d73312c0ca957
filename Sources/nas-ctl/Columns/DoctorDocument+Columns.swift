internal import API

extension DoctorDocument.Check {
    /// The lines of the report as lists show them.
    static let listing = Listing<DoctorDocument.Check>(
        columns: [
            Column("name", .text, title: "CHECK", rank: 0) { .symbol($0.name) },
            Column("level", .word(["ok", "info", "warning"]), rank: 0, style: { $0.style }) { .symbol($0.level) },
            Column("text", .text, title: "FOUND", rank: 0) { .text($0.text) },
        ], name: \.name, plural: "checks", fitsTerminal: false)

    private var style: Style {
        switch level {
        case "ok": .green
        case "warning": .yellow
        default: .plain
        }
    }
}
