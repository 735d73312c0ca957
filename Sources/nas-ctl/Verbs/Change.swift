internal import API
internal import ArgumentParser

/// `nas-ctl set RUN key=value…`.
struct Change: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Change what of a run may still be changed.",
        discussion: """
            evaluations: of the last round, until that ends. workers: threads; the result does not depend on them. \
            priority: larger is sooner in the queue.

            Example: nas-ctl set mnist-vit evaluations=2000 workers=4
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var target: RunArgument
    @Argument(help: ArgumentHelp("evaluations, workers or priority, and a whole number.", valueName: "key=value"))
    var changes: [String]

    func run() throws {
        try global.run { session in
            let document = try session.client.change(target.name, limits())
            try RunItem.listing.write(one: document.run, to: session, document: document)
        }
    }

    /// The changes as the daemon reads them.
    func limits() throws(Failure) -> RunLimits {
        var limits = RunLimits()
        var seen: [String] = []
        for change in changes {
            let assignment = try Assignment(change, example: "evaluations=2000")
            guard let value = Int(assignment.value) else {
                throw .usage("\(assignment.key): expected a whole number, found '\(assignment.value)'")
            }
            if seen.contains(assignment.key) { throw .usage("expected each key once, found \(assignment.key) again") }
            seen.append(assignment.key)
            switch assignment.key {
            case "evaluations": limits.evaluations = value
            case "workers": limits.workers = value
            case "priority": limits.priority = value
            default:
                throw .usage("expected evaluations, workers or priority, found '\(assignment.key)'")
            }
        }
        return limits
    }
}
