internal import API
internal import ArgumentParser
internal import Foundation
internal import Runs
internal import SearchSpaces

/// `nas-ctl submit FILE`: hands a run in.
struct Submit: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Hand a run in.",
        discussion: """
            The file is checked here first, and every fault is reported as file:line:column. A space that it names by a \
            path, or that lies beside it, travels along; any other is the daemon's. A connection that breaks is tried \
            once more, without handing the run in twice.

            Example: nas-ctl submit mnist-vit.yaml --set train.steps=500 --watch
            """)

    @OptionGroup var global: GlobalOptions
    @Argument(help: "A YAML or JSON file of kind Run; - for standard input.", completion: .file())
    var file: String
    @OptionGroup var submission: SubmissionOptions

    func run() throws {
        try submission.permit(global)
        try global.run { session in
            try submission.handIn(RunFile(path: file, overrides: submission.set), session)
        }
    }
}

/// The options of a command that hands a run in, and how it does.
struct SubmissionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Change a key of the file; may be repeated.", valueName: "key=value"))
    var set: [String] = []
    @Option(help: ArgumentHelp("Larger is sooner in the queue.", valueName: "number"))
    var priority: Int?
    @Flag(help: "Watch the run until it ends; exit code 7 when it fails or is cancelled.")
    var watch = false

    /// Checks the format that was asked for.
    func permit(_ global: GlobalOptions) throws {
        if watch { try global.permit(.table, .wide) }
    }

    /// Hands a run in and shows it, or watches it.
    func handIn(_ file: RunFile, _ session: Session) throws {
        let document: RunDocument
        do throws(APIClientError) {
            document = try session.client.submit(
                yaml: file.submission.yaml, priority: priority, idempotencyKey: UUID().uuidString.lowercased())
        } catch {
            throw file.failure(error)
        }
        if let notice = document.capNotice { session.console.note(notice) }
        if watch {
            session.console.note("run \(document.run.id) (\(document.run.name)) is handed in")
            try Watcher(session).watch(document.run.id)
        } else {
            try RunItem.listing.write(one: document.run, to: session, document: document)
        }
    }
}
