internal import API
internal import ArgumentParser
internal import Documents
internal import SearchSpaces

/// `nas-ctl model RUN [CANDIDATE]`: a network as a file; with `--budget` the best one found for a cost.
struct Model: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Fetch the network of a candidate.",
        discussion: """
            The best, unless another of the front is named. With --budget multiplyAdds=20M the best of up to 64 subnets that cost \
            within 2 % of that, measured now on validation data, also while the run trains. The file appears complete or not at \
            all, and its path is printed. As onnx it is a graph that other runtimes compute, as c a file of C99 and its header, whose \
            memory is told.

            Example: nas-ctl model mnist-vit 812 --output best.safetensors
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var target: RunArgument
    @Argument(help: "The number of a candidate; default the best.")
    var candidate: Int?
    @Option(
        help: "multiplyAdds or params and a number, with k, M or G: multiplyAdds=2.5M.",
        transform: CostBudget.init(text:))
    var budget: CostBudget?
    @Option(
        help: ArgumentHelp(
            "The file to write, - for standard output; default NAME-CANDIDATE.safetensors or NAME-BUDGET.safetensors, or .onnx; of C NAME.c, beside which NAME.h appears.",
            valueName: "file"),
        completion: .file())
    var output: String?

    @Option(
        help: "safetensors, which nasd reads; onnx, which other runtimes compute; or c, a file of C99 and its header.",
        transform: Self.format)
    var format = NetworkFormat.safetensors
    @Option(help: "How a file of C keeps weights: float32, or int8 with a scale for each output channel.")
    var weights = NetworkFileRequest.weights[0]
    @Flag(help: "Let a file of ONNX or C normalise what it reads, and tell numbers in the units of the data.")
    var normalize = false

    func validate() throws {
        guard budget == nil || candidate == nil else {
            throw ValidationError("a candidate and --budget exclude one another")
        }
        guard !normalize || format != .safetensors else {
            throw ValidationError("--normalize goes with --format onnx or c")
        }
        guard NetworkFileRequest.weights.contains(weights) else {
            throw ValidationError(
                "expected one of \(NetworkFileRequest.weights.joined(separator: ", ")), found '\(weights)'")
        }
        guard weights == NetworkFileRequest.weights[0] || format == .c else {
            throw ValidationError("--weights goes with --format c")
        }
    }

    func run() throws {
        try global.run { session in
            try global.permit(.table, .name)
            // One run throughout, also when another of its name comes up.
            let run = try session.client.run(target.name).run
            let number = budget == nil ? try candidate ?? session.client.best(of: run.id).candidate.candidate : 0
            let which = budget.map { "\($0.metric.name)-\($0.limit)" } ?? "\(number)"
            let path = output ?? "\(usualStem(run.name, which)).\(format.pathExtension)"
            let file = NetworkFileRequest(
                format: format, normalizes: normalize, roundsWeights: weights != NetworkFileRequest.weights[0],
                name: format == .c ? try SourceFiles.name(of: path) : nil)
            let console = session.console
            guard path != "-" || !console.terminal.isTerminal else {
                throw Failure.usage("a network is no text for a terminal; name a file with --output")
            }
            let request: (@escaping Download.Receiver) throws(APIClientError) -> Bool = {
                receive throws(APIClientError) in
                guard let budget else {
                    return try session.client.model(of: run.id, candidate: number, as: file, receive)
                }
                return try session.client.model(of: run.id, within: budget, as: file, receive)
            }
            if format == .c {
                for line in try SourceFiles(try Download(session).bytes(request)).write(to: path) { console.note(line) }
            } else {
                try Download(session).write(to: path == "-" ? nil : path, request)
            }
            guard path != "-" else { return }
            if budget != nil, format == .safetensors, let header = NetworkHeader(file: path) { tell(header, console) }
            try console.write(TerminalText.escaped(path) + "\n")
        }
    }

    private static func format(_ text: String) throws -> NetworkFormat {
        guard let format = NetworkFormat(rawValue: text) else {
            let words = NetworkFormat.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("expected one of \(words), found '\(text)'")
        }
        return format
    }

    /// What was found, beside the data on standard output.
    private func tell(_ header: NetworkHeader, _ console: Console) {
        let lines =
            ["genome \(header.genome)", "params \(header.params)", "multiplyAdds \(header.multiplyAdds)"]
            + header.measured.sorted { $0.key < $1.key }.map { "\($0.key) \(NumberText.exact($0.value))" }
        for line in lines { console.note(line) }
    }

    /// What a file is called where nobody says; of C an identifier.
    private func usualStem(_ run: String, _ which: String) -> String {
        let stem = "\(Self.fileName(run))-\(which)"
        return format == .c ? SourceName.nearest(to: stem) : stem
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
