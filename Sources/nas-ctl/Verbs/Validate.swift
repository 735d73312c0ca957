internal import API
internal import ArgumentParser
internal import Documents
internal import Runs
internal import SearchSpaces
internal import UserFiles

/// `nas-ctl validate FILE`: checks a run file here and at the daemon, and hands nothing in.
struct Validate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check a run or space file; hand nothing in.",
        discussion: """
            Reports every fault at once as file:line:column. A run that is sound is then shown to the daemon, if one \
            answers, which tells what it would take. -o wide adds the run with every default filled.

            Example: nas-ctl validate mnist-vit.yaml --set train.batch=128
            """)

    @OptionGroup var global: GlobalOptions
    @Argument(help: "A YAML or JSON file of kind Run or SearchSpace; - for standard input.", completion: .file())
    var file: String
    @Option(help: ArgumentHelp("Change a key of a run file; may be repeated.", valueName: "key=value"))
    var set: [String] = []

    func run() throws {
        do {
            try global.permit(.table, .wide, .json, .jsonl, .name)
            let console = Console(isQuiet: global.quiet)
            let text = try UserText.read(file)
            switch UserDocument.kind(of: text) {
            case .space:
                let name = UserText.name(of: file)
                guard set.isEmpty else {
                    throw Failure.usage("--set changes keys of a run file, and \(name) is a space file")
                }
                try explain(SearchSpace.parse(yaml: text, file: name), console)
            case .run: try estimate(RunFile(path: file, text: text, overrides: set), console)
            }
            try console.flush()
        } catch {
            throw Failure(error)
        }
    }

    private func explain(_ space: SearchSpace, _ console: Console) throws {
        guard global.format != .name else { return try console.write(TerminalText.escaped(space.name) + "\n") }
        guard global.format == .table || global.format == .wide else {
            throw Failure.usage("-o \(global.format.rawValue) is for run files; a space has no document of its own")
        }
        var list = DetailList()
        list.add("space", space.name)
        list.add("family", space.familyName)
        list.add("architectures", space.canonicalGenomeCountText)
        for (name, genome) in [("smallest", space.smallest), ("largest", space.largest)] {
            let cost = space.cost(of: genome)
            list.add(name, "\(cost.params) params, \(cost.multiplyAdds) multiply-adds  \(space.text(of: genome))")
        }
        try console.write(lines: list.lines(hasColor: console.terminal.hasColor))
    }

    private func estimate(_ file: RunFile, _ console: Console) throws {
        let estimate: SubmissionEstimate
        do throws(APIClientError) {
            estimate = try global.client().estimate(yaml: file.submission.yaml)
        } catch {
            // A file can be checked without a daemon; what it would take cannot.
            guard error.exitStatus == .unreachable, global.format != .json, global.format != .jsonl else {
                throw file.failure(error)
            }
            console.note("checked here alone: \(error)")
            return try show(file, nil, console)
        }
        switch global.format {
        case .json: try console.write(JSONText.document(estimate))
        case .jsonl: try console.write(JSONText.line(estimate))
        default: try show(file, estimate, console)
        }
    }

    private func show(_ file: RunFile, _ estimate: SubmissionEstimate?, _ console: Console) throws {
        let run = file.submission.specification
        if global.format == .name { return try console.write(TerminalText.escaped(run.name) + "\n") }
        var list = DetailList()
        list.add("run", run.name)
        list.add("space", estimate?.space ?? run.space)
        list.add("architectures", estimate?.architectures ?? file.submission.space?.canonicalGenomeCountText)
        list.add("memory", estimate.map { "at most \(NumberText.bytes($0.memoryBytes))" })
        list.add("disk", estimate.map { "at most \(NumberText.bytes($0.diskBytes))" })
        try console.write(lines: list.lines(hasColor: console.terminal.hasColor))
        guard global.format == .wide else { return }
        let text = estimate?.specification ?? run.resolvedYAML
        try console.write("\n" + TerminalText.escaped(text, keepsLines: true))
    }
}
