internal import API
internal import ArgumentParser

/// `nas-ctl delete RUN`.
struct Delete: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Delete a run that is paused or has ended, with everything it left.",
        discussion: """
            Asks nothing. Exit code 5 for a live run; cancel it first.

            Example: nas-ctl delete k3v9qm2a7xwd
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var target: RunArgument

    func run() throws {
        try global.run { session in
            try session.client.delete(target.name)
            session.console.note("run \(target.name) is deleted")
        }
    }
}
