internal import API

/// One run of a command: the daemon and the console.
struct Session {
    /// The options.
    let options: GlobalOptions
    /// The daemon.
    let client: APIClient
    /// Where to write.
    let console: Console

    init(_ options: GlobalOptions) throws(APIClientError) {
        self.options = options
        console = Console(isQuiet: options.quiet)
        client = try options.client()
    }

    /// How data is written.
    var format: OutputFormat { options.format }
}
