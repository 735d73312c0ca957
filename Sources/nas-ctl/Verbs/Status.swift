internal import API
internal import ArgumentParser

/// `nas-ctl status [RUN]`: what goes on, or one run in full.
struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what goes on: live runs and the last that ended, or one run in full.",
        discussion: """
            Without a run: every live or paused run and the 20 that ended last. -o wide adds the files of a run.

            Example: nas-ctl status mnist-vit
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var list: ListOptions
    @Argument(
        help: ArgumentHelp(
            "An id, a unique prefix of at least 4 characters, or a name that only one run has.", valueName: "run"),
        completion: RunCompletion.kind)
    var name: String?

    func run() throws {
        try global.run { session in
            guard let name else {
                return try RunItem.listing.write(session.client.currentRuns().runs, to: session, options: list) {
                    RunList(runs: $0)
                }
            }
            let document = try session.client.run(name)
            switch session.format {
            case .table, .wide:
                let details = RunDetails(document: document, isWide: session.format == .wide)
                try session.console.write(lines: details.lines(hasColor: session.console.terminal.hasColor))
            default: try RunItem.listing.write(one: document.run, to: session, document: document)
            }
        }
    }
}
