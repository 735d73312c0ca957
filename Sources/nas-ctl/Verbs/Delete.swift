internal import API
internal import ArgumentParser
internal import Documents
internal import SearchSpaces

/// `nas-ctl delete RUN`.
struct Delete: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Delete a run that is paused or has ended, with everything it left.",
        discussion: """
            Asks nothing. Exit code 5 for a live run; cancel it first, and wait until it is cancelled.

            Example: nas-ctl delete k3v9qm2a7xwd
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var target: RunArgument

    func run() throws {
        try global.run { session in
            do throws(APIClientError) {
                try session.client.delete(target.name)
            } catch {
                throw Self.failure(error, session, target.name)
            }
            session.console.note("run \(target.name) is deleted")
        }
    }

    /// The failure, with the commands that lead to a deletion where the run is live.
    private static func failure(_ error: APIClientError, _ session: Session, _ name: String) -> Failure {
        let failure = Failure(error)
        guard failure.code == .conflict, let run = try? session.client.run(name).run, !run.isEnded,
            run.state != "paused"
        else { return failure }
        let steps = [["cancel", run.id], ["wait", run.id, "--for", "cancelled"], ["delete", run.id]]
        return Failure(
            code: failure.code,
            message:
                "\(failure.message): \(steps.map { TerminalText.command(["nas-ctl"] + $0) }.joined(separator: " && "))")
    }
}
