internal import API
internal import ArgumentParser
internal import Documents
internal import SearchSpaces

/// `nas-ctl version`: of this program and of the daemon.
struct Version: ParsableCommand {
    /// Both versions, as JSON has them.
    struct Document: Codable, Equatable {
        var apiVersion = WireFormat.apiVersion
        var kind = "Version"
        /// Of this program.
        var client: String
        /// Of the daemon.
        var daemon: String
        /// Where the daemon is.
        var endpoint: String
    }

    static let configuration = CommandConfiguration(
        abstract: "Print the version of this program and of the daemon.",
        discussion: "Tells when they differ. Needs a daemon; --version does not.\n\nExample: nas-ctl version -o json")

    @OptionGroup var global: GlobalOptions

    func run() throws {
        try global.permit(.table, .json, .jsonl)
        if global.format == .table {
            // Before the daemon is asked, which may not be there.
            let console = Console()
            try console.write("nas-ctl  \(ProductVersion.text)\n")
            try console.flush()
        }
        try global.run { session in
            let document = Document(
                client: ProductVersion.text, daemon: try session.client.doctor().version,
                endpoint: session.client.endpoint.description)
            switch session.format {
            case .json: try session.console.write(JSONText.document(document))
            case .jsonl: try session.console.write(JSONText.line(document))
            default:
                let daemon = TerminalText.escaped(document.daemon)
                try session.console.write("nasd     \(daemon) at \(TerminalText.escaped(document.endpoint))\n")
            }
            if document.client != document.daemon {
                session.console.note(
                    "the versions differ: nas-ctl \(document.client), nasd \(document.daemon); install the same of both"
                )
            }
        }
    }
}
