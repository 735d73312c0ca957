internal import API
internal import ArgumentParser

/// `nas-ctl webhooks list`: where events are announced, and how that goes.
struct WebhooksList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the receivers of events, and how their delivery goes.",
        discussion: "Example: nas-ctl webhooks list --filter 'dead>0' -o name")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var list: ListOptions

    func run() throws {
        try global.run { session in
            try WebhookList.Endpoint.listing.write(session.client.webhooks().webhooks, to: session, options: list) {
                WebhookList(webhooks: $0)
            }
        }
    }
}

/// `nas-ctl webhooks replay ID`: sends the messages that were given up once more.
struct WebhooksReplay: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Send the messages that were given up once more.",
        discussion: "Prints how many.\n\nExample: nas-ctl webhooks replay daemon")

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The id of a receiver, as webhooks list shows it.", completion: WebhookCompletion.kind)
    var id: String

    func run() throws {
        try global.run { session in
            try global.permit(.table, .json, .jsonl)
            let replay = try session.client.replayWebhook(id)
            switch session.format {
            case .json: try session.console.write(JSONText.document(replay))
            case .jsonl: try session.console.write(JSONText.line(replay))
            default:
                let count = replay.replayed
                try session.console.write("\(count) \(count == 1 ? "message is" : "messages are") sent again\n")
            }
        }
    }
}

/// `nas-ctl webhooks test ID`: sends a message that only tests the way.
struct WebhooksTest: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Send a message that only tests the way.",
        discussion: "webhooks list tells how it went.\n\nExample: nas-ctl webhooks test daemon")

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The id of a receiver, as webhooks list shows it.", completion: WebhookCompletion.kind)
    var id: String

    func run() throws {
        try global.run { session in
            try session.client.testWebhook(id)
            session.console.note("a test message for \(id) is on its way; see nas-ctl webhooks list")
        }
    }
}

/// `nas-ctl webhooks list|replay|test`.
struct Webhooks: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look after the receivers of events.",
        discussion: """
            A message that no attempt delivered is kept, and sent again by replay.

            Example: nas-ctl webhooks list
            """,
        subcommands: [WebhooksList.self, WebhooksReplay.self, WebhooksTest.self], defaultSubcommand: WebhooksList.self)
}
