internal import API
internal import ArgumentParser
internal import Foundation
internal import SearchSpaces

/// What every command understands, before or after its name.
struct GlobalOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The daemon: unix:/path, http://host:port or https://host:port; default NAS_CTL_ENDPOINT, else its socket.",
            valueName: "address"))
    var endpoint: String?
    @Option(
        help: ArgumentHelp("Certificates to trust in place of the system's.", valueName: "file"),
        completion: .file())
    var caFile: String?
    @Option(
        name: .customShort("o"),
        help: ArgumentHelp("How data is written.", valueName: "format"))
    var format: OutputFormat = .table
    @Flag(help: "Tables and CSV without their first line.")
    var noHeaders = false
    @Flag(name: .shortAndLong, help: "Nothing on standard error but errors.")
    var quiet = false

    /// Runs the body of a command with a client, and maps whatever it throws.
    func run(_ body: (Session) throws -> Void) throws(Failure) {
        do {
            let session = try Session(self)
            try body(session)
            try session.console.flush()
        } catch {
            throw Failure(error)
        }
    }

    /// A client for the daemon that is meant.
    ///
    /// - Parameter milliseconds: The most that a document may take; nil for as long as is usual.
    func client(withinMilliseconds milliseconds: Int? = nil) throws(APIClientError) -> APIClient {
        let environment = ProcessInfo.processInfo.environment
        let named = endpoint ?? environment["NAS_CTL_ENDPOINT"].flatMap { $0.isEmpty ? nil : $0 }
        let address: Endpoint
        if let named { address = try Endpoint(named) } else { address = try .standard(environment: environment) }
        let client = try APIClient(
            endpoint: address,
            tokenFile: environment["NAS_CTL_TOKEN_FILE"].flatMap { $0.isEmpty ? nil : $0 },
            certificateAuthorityFile: caFile, userAgent: "nas-ctl/\(ProductVersion.text)")
        client.patienceMilliseconds = milliseconds
        return client
    }

    /// Refuses the formats that make no sense for a command.
    func permit(_ formats: OutputFormat...) throws(Failure) {
        guard formats.contains(format) else {
            throw .usage(
                "-o \(format.rawValue) is not offered here; use one of \(formats.map(\.rawValue).joined(separator: ", "))"
            )
        }
    }
}

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
