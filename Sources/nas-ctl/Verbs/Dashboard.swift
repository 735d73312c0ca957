internal import API
internal import ArgumentParser

/// `nas-ctl dashboard [RUN]`: the daemon's dashboard in a browser of this machine.
struct Dashboard: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the daemon's dashboard in a browser of this machine.",
        discussion: """
            Bridges the daemon's Unix socket to a port of 127.0.0.1 and prints an address for a browser; opens nothing by itself and \
            ends with Ctrl-C. The address has a key that serves once, within 60 s: the page exchanges it for a token that every \
            request needs, so that nobody else on this machine can use the port. A daemon on TCP serves its dashboard itself.

            Example: nas-ctl dashboard mnist-vit
            """)

    @OptionGroup var global: GlobalOptions
    @Option(help: "The port on 127.0.0.1; default one that is free.")
    var port = 0
    @Argument(
        help: ArgumentHelp("The run that it opens at; default the list of all.", valueName: "run"),
        completion: RunCompletion.kind)
    var name: String?

    func validate() throws {
        guard (0...65535).contains(port) else {
            throw ValidationError("expected --port from 0 to 65535, found \(port)")
        }
    }

    func run() throws {
        try global.run { session in
            try global.permit(.table)
            guard case .socket(let path) = session.client.endpoint.address else {
                throw Failure.usage(
                    "the daemon at \(session.client.endpoint) serves its dashboard itself: open that address in a browser, "
                        + "which asks for the token")
            }
            // Whether there is a daemon, and the run, before anything listens.
            let run = try name.map { name throws(APIClientError) in try session.client.run(name).run.id }
            if run == nil { _ = try session.client.doctor() }
            let bridge = try Bridge(to: path, port: port, keys: BridgeKeys())
            try session.console.write(bridge.address(at: run.map { "/runs/\($0)" }) + "\n")
            try session.console.flush()
            session.console.note("open it within 60 s; Ctrl-C ends the session")
            bridge.serve()
        }
    }
}
