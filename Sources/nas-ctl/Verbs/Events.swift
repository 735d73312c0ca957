internal import API
internal import ArgumentParser

/// `nas-ctl events [RUN]`: what happened.
struct Events: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the events of a run, or of the daemon.",
        discussion: """
            -f goes on as they happen, until the run ends; a connection that breaks is made again and misses nothing.

            Example: nas-ctl events mnist-vit -f -o jsonl
            """)

    @OptionGroup var global: GlobalOptions
    @Argument(
        help: ArgumentHelp("A run; default the daemon's own events.", valueName: "run"),
        completion: RunCompletion.kind)
    var name: String?
    @Flag(name: .shortAndLong, help: "Go on as they happen.")
    var follow = false
    @Option(help: ArgumentHelp("Only events behind this sequence number.", valueName: "seq"))
    var after: Int?
    @Option(help: ArgumentHelp("At most so many.", valueName: "count"))
    var limit: Int?

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("expected --limit of at least 1, found \(limit)") }
        if follow, global.format == .json {
            throw ValidationError("-o json is one document, which -f never ends; use -o jsonl")
        }
    }

    func run() throws {
        try global.run { session in
            let run = try name.map { try session.client.run($0).run.id }
            let console = session.console
            var writer = ListingWriter(EventDocument.listing, session)
            var failure: (any Error)?
            var documents: [String] = []
            var count = 0
            try session.client.events(of: run, after: after, follows: follow) {
                console.note("\($0); connecting again")
            } _: { event in
                count += 1
                do {
                    if session.format == .json {
                        documents.append(JSONText.safe(event.json))
                    } else {
                        try writer.write([event])
                        if follow { try console.flush() }
                    }
                } catch {
                    failure = error
                    return false
                }
                if count == limit { return false }
                return !(follow && isEnd(event, session))
            }
            if let failure { throw failure }
            if session.format == .json {
                // As they came, within a document of the usual form.
                let events = documents.joined(separator: ",\n    ")
                let list = documents.isEmpty ? "[]" : "[\n    \(events)\n  ]"
                try console.write(
                    "{\n  \"apiVersion\" : \"\(WireFormat.apiVersion)\",\n  \"events\" : \(list),\n  \"kind\" : \"EventList\"\n}\n"
                )
            }
            if count == 0 { console.note("no events") }
        }
    }

    /// Whether nothing comes behind an event: the run has ended, and was not taken up again.
    private func isEnd(_ event: EventDocument, _ session: Session) -> Bool {
        guard let run = event.run, ["run.completed", "run.failed", "run.cancelled"].contains(event.type),
            // The client is within its stream; another asks.
            let item = try? session.options.client().run(run).run
        else { return false }
        return item.isEnded && item.lastEvent <= event.sequence
    }
}
