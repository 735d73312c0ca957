internal import API
internal import ArgumentParser
internal import Documents
internal import SearchSpaces

/// `nas-ctl set RUN key=value…`.
struct Change: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Change what of a run may still be changed.",
        discussion: """
            evaluations: of the last round, until that ends. workers: threads; the result does not depend on them. \
            priority: larger is sooner in the queue. Shows what it set, and tells when the daemon permits fewer workers.

            Example: nas-ctl set mnist-vit evaluations=2000 workers=4
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var target: RunArgument
    @Argument(
        help: ArgumentHelp("evaluations, workers or priority, and a whole number.", valueName: "key=value"),
        completion: .list(["evaluations=", "workers=", "priority="]))
    var changes: [String]

    func run() throws {
        let limits = try limits()
        try global.run { session in
            let document = try session.client.change(target.name, limits)
            try show(document, session)
            if let notice = document.capNotice { session.console.note(notice) }
        }
    }

    private func show(_ document: RunDocument, _ session: Session) throws {
        guard [.table, .wide].contains(session.format), document.limits != nil else {
            return try RunItem.listing.write(one: document.run, to: session, document: document)
        }
        var list = DetailList()
        list.add("run", document.run.id)
        list.add("name", document.run.name)
        for change in changes {
            let key = try Assignment(change, example: Self.example).key
            list.add(key, document.limitText(of: key))
        }
        try session.console.write(lines: list.lines(hasColor: session.console.terminal.hasColor))
    }

    private static let example = "evaluations=2000"

    /// The changes as the daemon reads them.
    func limits() throws(Failure) -> RunLimits {
        var limits = RunLimits()
        var seen: [String] = []
        for change in changes {
            let assignment = try Assignment(change, example: Self.example)
            guard let value = ShortNumber.value(of: assignment.value).flatMap({ Int(exactly: $0) }) else {
                throw .usage("\(assignment.key): expected a whole number, found '\(assignment.value)'")
            }
            if seen.contains(assignment.key) { throw .usage("expected each key once, found \(assignment.key) again") }
            seen.append(assignment.key)
            switch assignment.key {
            case "evaluations": limits.evaluations = value
            case "workers": limits.workers = value
            case "priority": limits.priority = value
            default:
                let keys = ["evaluations", "workers", "priority"]
                let hint = Spelling.nearest(to: assignment.key, among: keys).map { "; did you mean '\($0)'?" } ?? ""
                throw .usage("expected evaluations, workers or priority, found '\(assignment.key)'\(hint)")
            }
        }
        return limits
    }
}
