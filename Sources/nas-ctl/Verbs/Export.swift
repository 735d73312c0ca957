internal import API
internal import ArgumentParser

/// `nas-ctl export RUN`: the results as a file.
struct Export: ParsableCommand {
    /// How results are written.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        /// RFC 4180.
        case csv
    }

    static let configuration = CommandConfiguration(
        abstract: "Export the results of a run.",
        discussion: """
            The bytes of results.csv, from one snapshot, also while the run goes on. A file appears complete or not at \
            all.

            Example: nas-ctl export mnist-vit --front --output front.csv
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var target: RunArgument
    @Option(name: .customLong("format"), help: "What is written.")
    var exported: Format = .csv
    @Flag(help: "Only the front of the newest weights.")
    var front = false
    @Option(
        help: ArgumentHelp("A file to write; default standard output.", valueName: "file"), completion: .file())
    var output: String?

    func run() throws {
        try global.run { session in
            try global.permit(.table, .csv)
            try Download(session).write(to: output == "-" ? nil : output) { receive throws(APIClientError) in
                try session.client.results(of: target.name, frontOnly: front, receive)
            }
        }
    }
}
