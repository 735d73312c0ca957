internal import API
internal import ArgumentParser

/// `nas-ctl watch [RUN]`: shows how a run goes on.
struct Watch: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Watch a run, or all that goes on.",
        discussion: """
            On a terminal the picture is drawn anew every second: progress, loss, what the sampler has learned, the front, \
            the time left; q ends it. Elsewhere a line is written when something changes. Ends with the run: exit code 0 \
            when it completed, 7 when it failed or was cancelled.

            Example: nas-ctl watch mnist-vit
            """)

    @OptionGroup var global: GlobalOptions
    @Argument(
        help: ArgumentHelp(
            "An id, a unique prefix of at least 4 characters, or a name that only one run has; default all that goes on.",
            valueName: "run"),
        completion: RunCompletion.kind)
    var name: String?

    func run() throws {
        try global.run { session in
            try global.permit(.table, .wide)
            let watcher = Watcher(session)
            if let name { try watcher.watch(name) } else { try watcher.watchAll() }
        }
    }
}
