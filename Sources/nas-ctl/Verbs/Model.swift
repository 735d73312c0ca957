internal import API
internal import ArgumentParser

/// `nas-ctl model RUN [CANDIDATE]`: a network as a file.
struct Model: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Fetch the network of a candidate.",
        discussion: """
            The best, unless another of the front is named. The file appears complete or not at all, and its path is \
            printed.

            Example: nas-ctl model mnist-vit 812 --output best.safetensors
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var target: RunArgument
    @Argument(help: "The number of a candidate; default the best.")
    var candidate: Int?
    @Option(
        help: ArgumentHelp(
            "The file to write, - for standard output; default NAME-CANDIDATE.safetensors.", valueName: "file"),
        completion: .file())
    var output: String?

    func run() throws {
        try global.run { session in
            try global.permit(.table, .name)
            // One run throughout, also when another of its name comes up.
            let run = try session.client.run(target.name).run
            let number = try candidate ?? session.client.best(of: run.id).candidate.candidate
            let path = output ?? "\(Self.fileName(run.name))-\(number).safetensors"
            let console = session.console
            guard path != "-" || !console.terminal.isTerminal else {
                throw Failure.usage("a network is no text for a terminal; name a file with --output")
            }
            try Download(session).write(to: path == "-" ? nil : path) { receive throws(APIClientError) in
                try session.client.model(of: run.id, candidate: number, receive)
            }
            if path != "-" { try console.write(TerminalText.escaped(path) + "\n") }
        }
    }

    /// The name of a run as the beginning of a file name in this folder.
    static func fileName(_ name: String) -> String {
        var result = ""
        for scalar in name.unicodeScalars {
            let isKept = scalar != "/" && !TerminalText.isDangerous(scalar)
            result.unicodeScalars.append(isKept ? scalar : "_")
        }
        // A name of its own must not hide the file, or be read as an option.
        return result.hasPrefix(".") || result.hasPrefix("-") ? "_" + result : result.isEmpty ? "run" : result
    }
}
