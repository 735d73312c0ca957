internal import API
internal import Documents
internal import Foundation
internal import SearchSpaces
internal import UserFiles

/// A run in full, for people.
struct RunDetails {
    let document: RunDocument
    var isWide = false
    var now = Date()

    /// The lines.
    func lines(hasColor: Bool = false) -> [String] {
        let run = document.run
        var list = DetailList()
        list.add("run", run.id)
        list.add("name", run.name)
        list.add("state", run.stateText)
        list.add("failure", run.failure)
        for warning in document.warnings ?? [] { list.add("warning", warning) }
        list.add("steps", run.steps > 0 ? "\(run.step) of \(run.steps)" : nil)
        list.add("loss", run.loss.map { NumberText.fixed($0) })
        list.add("round", Self.round(run))
        list.add("candidates", String(run.candidates))
        list.add("hypervolume", run.hypervolume.map { NumberText.fixed($0) })
        list.add("left", run.secondsLeft.map { "about \(NumberText.duration($0))" })
        list.add("workers", document.limitText(of: "workers") ?? run.workers.map { String($0) })
        list.add("priority", run.priority == 0 && !isWide ? nil : String(run.priority))
        list.add("space", run.space)
        list.add("sampler", document.sampler)
        list.add("objectives", document.objectives.map(Self.text).joined(separator: ", "))
        list.add("constraints", document.constraints.map(Self.text).joined(separator: ", "))
        list.add("numerics", document.numerics)
        list.add("created", time(run.created))
        list.add("updated", time(run.updated))
        var lines = list.lines(hasColor: hasColor)
        if !document.rounds.isEmpty {
            var table = TableRenderer(RoundItem.columns, width: nil, hasColor: hasColor, now: now)
            lines += [""] + table.lines(document.rounds)
        }
        if isWide {
            for (title, text) in [("run file", document.specification), ("space file", document.space)] {
                let escaped = TerminalText.escaped(text, keepsLines: true)
                lines += ["", "\(title):"] + escaped.split(separator: "\n").map { "  \($0)" }
            }
        }
        return lines
    }

    /// Where the newest round is; nil before the first.
    static func round(_ run: RunItem) -> String? {
        run.round.map { "\($0), \(run.evaluations) of \(run.evaluationsPlanned) evaluations" }
    }

    private static func text(_ goal: RunDocument.Goal) -> String {
        var text = goal.metric
        if let direction = goal.goal { text += " \(direction)" }
        if let noise = goal.noise { text += " by at least \(NumberText.exact(noise))" }
        if let target = goal.target { text += " up to \(NumberText.exact(target))" }
        if let weight = goal.weight { text += " times \(NumberText.exact(weight))" }
        if let bound = goal.atLeast { text += " at least \(NumberText.exact(bound))" }
        if let bound = goal.atMost { text += " at most \(NumberText.exact(bound))" }
        return text
    }

    private func time(_ date: Date) -> String {
        "\(Cell.stamp(date)), \(NumberText.duration(now.timeIntervalSince(date))) ago"
    }
}

extension RoundItem {
    /// Rounds as tables show them.
    static let columns: [Column<RoundItem>] = [
        Column("round", .count) { .integer($0.round) },
        Column("weightsStep", .count, title: "WEIGHTS") { .integer($0.weightsStep) },
        Column("state", .word(["running", "completed"])) { .symbol($0.state) },
        Column("evaluations", .count) { .integer($0.evaluations) },
        Column("hypervolume", .number) { $0.hypervolume.map(Cell.number) ?? .none },
    ]
}

extension RunDocument {
    /// What of a run can be changed, as text by the key that changes it; nil where the daemon does not say.
    func limitText(of key: String) -> String? {
        guard let limits else { return nil }
        switch key {
        case "evaluations": return String(limits.evaluations)
        case "priority": return String(limits.priority)
        case "workers":
            guard let asked = limits.workersAsked else { return "\(limits.workers), as many as it may have" }
            return asked > limits.workers ? "\(limits.workers) of the \(asked) asked for" : String(limits.workers)
        default: return nil
        }
    }

    /// Tells that the daemon gives the run fewer threads than it asks for; nil where it gets them.
    var capNotice: String? {
        guard let limits, let asked = limits.workersAsked, asked > limits.workers else { return nil }
        return "workers=\(asked) is capped to \(limits.workers) by the daemon: raise `workers` of its configuration, "
            + "which `concurrentRuns` divides"
    }
}

/// Names and values below one another.
struct DetailList {
    private var entries: [(name: String, value: String)] = []

    /// Adds a value; nil adds nothing.
    mutating func add(_ name: String, _ value: String?) {
        if let value, !value.isEmpty { entries.append((name, TerminalText.escaped(value))) }
    }

    /// The lines, values below one another.
    func lines(hasColor: Bool = false) -> [String] {
        let width = entries.map { DisplayWidth.of($0.name) }.max() ?? 0
        return entries.map { entry in
            let name = DisplayWidth.pad(entry.name, to: width)
            return (hasColor ? Style.dim.applied(to: name) : name) + "  " + entry.value
        }
    }
}
