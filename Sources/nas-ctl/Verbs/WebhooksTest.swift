internal import API
internal import ArgumentParser

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
