internal import API
internal import ArgumentParser

/// `nas-ctl pause RUN`.
struct Pause: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask a run to pause at the end of its step.",
        discussion: """
            Any live run; resume takes it up where it stopped, with the same results. Exit code 5 when its state does not permit it.

            Example: nas-ctl pause mnist-vit
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var target: RunArgument

    func run() throws {
        try global.run { session in
            let document = try session.client.pause(target.name)
            try RunItem.listing.write(one: document.run, to: session, document: document)
        }
    }
}
