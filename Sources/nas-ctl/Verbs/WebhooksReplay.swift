internal import API
internal import ArgumentParser

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
