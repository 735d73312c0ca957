internal import API
internal import ArgumentParser

/// `nas-ctl cancel RUN`.
struct Cancel: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask a live or paused run to end at the end of its step.",
        discussion: """
            What it found so far stays; it cannot be resumed. Exit code 5 when its state does not permit it.

            Example: nas-ctl cancel mnist-vit
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var target: RunArgument

    func run() throws {
        try global.run { session in
            let document = try session.client.cancel(target.name)
            try RunItem.listing.write(one: document.run, to: session, document: document)
        }
    }
}
