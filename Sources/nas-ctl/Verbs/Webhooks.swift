internal import ArgumentParser

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
