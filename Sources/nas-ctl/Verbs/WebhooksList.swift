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
