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

/// `nas-ctl resume RUN`.
struct Resume: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask a paused or failed run to go on.",
        discussion: """
            It goes on from its newest checkpoint, with the kernels that it began with. Exit code 5 when its state does not permit it.

            Example: nas-ctl resume mnist-vit
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var target: RunArgument
    @Flag(help: "Go on although kernels round differently; the bytes of the result may then differ too.")
    var allowNumericsChange = false

    func run() throws {
        try global.run { session in
            let document = try session.client.resume(
                target.name, allowsNumericsChange: allowNumericsChange)
            try RunItem.listing.write(one: document.run, to: session, document: document)
        }
    }
}

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
