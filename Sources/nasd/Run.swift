internal import API
internal import ArgumentParser
internal import Coordinator
internal import Datasets
internal import Foundation
internal import Runs
internal import SearchSpaces
internal import Store
internal import Tensors
internal import Training

/// `nasd run FILE`: the whole job in the foreground, in a data directory of its own.
struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train a supernet, search it, and leave the Pareto front of the best networks.",
        discussion: """
            Stops cleanly with a checkpoint at SIGINT, SIGTERM, SIGHUP, SIGUSR1 or SIGXCPU, survives being killed, and \
            continues where it stopped when it is started again with the same file and output. Results do not depend on the \
            number of workers.
            """)

    @Argument(help: "A YAML file of kind Run.", transform: PathText.checked)
    var file: String
    @Option(
        help: "The folder of the data; default data.directory of the file, or the current folder.",
        transform: PathText.checked)
    var data: String?
    @Option(help: "The seed, in place of the file's.")
    var seed: Int?
    @Option(name: .customLong("set"), help: "key=value: replaces a key of the file, such as train.steps=500.")
    var overrides: [String] = []
    @OptionGroup var foreground: ForegroundRun

    func run() throws {
        try Failure.catching {
            try foreground.compute(data: data) { workers, watch in
                try RunFile(path: file).inputs(
                    overrides: overrides, seed: seed, data: data, directory: foreground.output, watch: watch,
                    workers: workers)
            }
        }
    }
}

/// `nasd search RUN`: another search of a supernet that is trained, in a data directory of its own.
struct SearchAgain: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search", abstract: "Search the supernet of a run anew; nothing is trained.",
        discussion: """
            Takes the run file of RUN with supernet in place of train, and what --set changes of it: other objectives, constraints, \
            evaluations, samples. It becomes a run of its own, with its own candidates, front and CSV; RUN stays as it is and may \
            go on or be deleted. supernet.step names other weights than the newest.

            Example: nasd search mnist-vit --set search.evaluations=250 --set validate.tune.steps=500 --output nasd-runs/small
            """)

    @OptionGroup var stored: StoredRunArguments
    @Option(help: "The folder of the data; default that of the run.", transform: PathText.checked)
    var data: String?
    @Option(
        name: .customLong("set"),
        help: "key=value: replaces a key of the run's file, such as search.evaluations=250 or supernet.step=2000.")
    var overrides: [String] = []
    @OptionGroup var foreground: ForegroundRun

    func run() throws {
        try Failure.catching {
            try foreground.compute(data: data) { workers, watch in
                var changes = try RunFile.changes(overrides)
                if let data {
                    let folder = URL(fileURLWithPath: data).standardizedFileURL.path
                    changes.append(("data.directory", RunSpecification.quoted(folder)))
                }
                let (text, begun, space) = try file(changes)
                let specification = try RunSpecification.parse(
                    yaml: text, file: "run \(stored.name)", overrides: begun + changes)
                return try RunInputs(
                    specification: specification, space: space,
                    cache: try RunFile.cache(foreground.output, of: specification), workers: workers(specification),
                    watch: watch)
            }
        }
    }

    /// The file of the search, what it kept of its own where it has begun, and its space: from the run that is searched, or from
    /// the search itself where that has begun and the run is gone.
    private func file(
        _ changes: [(key: String, value: String)]
    ) throws -> (text: String, begun: [(key: String, value: String)], space: SearchSpace) {
        let named = changes.last { $0.key == "name" }?.value
        func begun(_ usual: String) -> (specification: RunSpecification, space: SearchSpace)? {
            let name = named ?? usual
            return (foreground.output ?? RunFile.usualDirectory(name)).flatMap {
                RunFile.searched(stored.name, called: name, in: $0)
            }
        }
        do {
            let found = try stored.open(), run = try found.run.specification()
            let name = RunSpecification.searchName(of: run.name)
            // More evaluations of the run that is searched are none of the search, which has begun.
            let evaluations = begun(name)?.specification.search?.evaluations
            return (
                run.searchFile(of: found.path, name: name),
                evaluations.map { [("search.evaluations", "\($0)")] } ?? [], try found.run.space()
            )
        } catch let failure as Failure where failure.code == .notFound {
            guard let known = begun(RunSpecification.searchName(of: stored.name)) else { throw failure }
            return (known.specification.asHandedIn.resolvedYAML, [], known.space)
        }
    }
}

/// The options of a command that computes a run in the foreground, and what it does.
struct ForegroundRun: ParsableArguments {
    @OptionGroup var threads: WorkerArguments
    @Option(help: "The data directory of the run; default nasd-runs/NAME.", transform: PathText.checked)
    var output: String?
    @Option(
        help: "The folder of the webhook's secret; default $NASD_WEBHOOK_SECRET_DIRECTORY.", transform: PathText.checked
    )
    var webhookSecrets: String?
    @Flag(help: "Continue a run that began with kernels that round differently.")
    var allowNumericsChange = false

    /// Begins or continues the run, and tells what it came to.
    ///
    /// - Parameters:
    ///   - data: The folder of the data, where the command line names one.
    ///   - read: What the run reads, for so many worker threads, and who is told how far that is.
    func compute(
        data: String?, _ read: (_ workers: (RunSpecification) -> Int, _ watch: ReadingWatch) throws -> RunInputs
    ) throws {
        try DescriptorLimit.check(DescriptorLimit.ofRun)
        let kernels = try Kernels()
        let display = ProgressDisplay()
        // Whatever ends it, the line is left whole.
        defer { display.finish() }
        var workers = 1
        let read = try read(
            { specification in
                let asked: Int? = if case .count(let count) = specification.workers { count } else { nil }
                workers = threads.count(kernels, usual: asked)
                return workers
            }, display.watch)
        let directory = try RunFile.directory(output, of: read.specification)
        let pool = try WorkerPool(count: workers, kernels: kernels)
        let announcer = try RunAnnouncer(read.specification.webhook, secrets: webhookSecrets)
        var estimate = RunEstimate(read, pool: pool, kernels: kernels)
        try estimate.checkDisk(of: directory)
        let session = try RunSession(read, directory: directory, kernels: allowNumericsChange ? nil : kernels)
        if session.run.state != .completed { StopSignals.install() }
        let inputs = try settled(read, session, pool, kernels)
        // Rounds during training follow from the steps.
        if read.specification.isBudgetOpen { estimate = RunEstimate(inputs, pool: pool, kernels: kernels) }
        if session.run.state == .completed {
            Output.tell(
                "run \(session.run.id) (\(session.run.name)) in \(directory) is completed; its results again:")
            // What could not be delivered before goes out now.
            try announcer?.start(session.store)
            announcer?.finish(session.store)
            return try end(.completed, session, inputs, data: data)
        }
        display.overview(inputs, session: session, estimate: estimate, workers: pool.count, kernels: kernels)
        let dump = RunDump(session)
        let outcome: RunOutcome
        do {
            if read.specification.isBudgetOpen { try estimate.checkDisk(of: directory) }
            try announcer?.start(session.store)
            outcome = try session.execute(
                inputs, pool: pool, kernels: kernels, control: StopSignals.control,
                allowsNumericsChange: allowNumericsChange
            ) {
                dump.take($0)
                display.show($0)
            }
        } catch {
            // A refusal is no unclean stop.
            announcer?.finish(session.store)
            try? session.store.close()
            throw error
        }
        display.finish()
        announcer?.finish(session.store)
        try end(outcome, session, inputs, data: data)
    }

    /// The inputs with what the run file leaves open until the run begins.
    private func settled(
        _ inputs: RunInputs, _ session: RunSession, _ pool: WorkerPool, _ kernels: Kernels
    ) throws -> RunInputs {
        do {
            if let budget = inputs.specification.budget, try session.run.specification().isBudgetOpen {
                Output.tell("measuring how many steps \(budget.text) comes to")
            }
            let settled = try session.settled(inputs, pool: pool, kernels: kernels, control: StopSignals.control)
            if let settled { return settled }
        } catch {
            // A refusal is no unclean stop.
            try? session.store.close()
            throw error
        }
        try session.store.close()
        throw Failure(code: StopSignals.exitStatus, message: "stopped; the same command begins anew")
    }

    private func end(
        _ outcome: RunOutcome, _ session: RunSession, _ inputs: RunInputs, data: String?
    ) throws {
        switch outcome {
        case .completed:
            let results = session.results(inputs.specification)
            let paths = try results.writeCSV()
            var lines = try ResultsTable(results, inputs.specification).lines(
                run: session.run, results: paths.results, front: paths.front, data: data)
            if let check = try results.latencyCheck(inputs) {
                lines.append("latency  \(check.text): \(results.latencyPath)")
            }
            // First: a reader of the table that goes away ends the program.
            try session.store.close()
            for line in lines { Output.line(line) }
        case .stopped:
            try session.store.close()
            throw Failure(
                code: StopSignals.exitStatus,
                message: inputs.specification.steps == 0
                    ? "stopped; the same command goes on from there"
                    : "stopped with a checkpoint; the same command goes on from there")
        case .failed(let reason):
            // What was measured is as good as after any other end.
            let hasCandidates = try !session.store.candidates(session.run.id, after: 0, limit: 1).isEmpty
            let paths = hasCandidates ? try session.results(inputs.specification).writeCSV() : nil
            try session.store.close()
            if let paths { Output.line("results  \(paths.results)") }
            throw Failure(code: .runFailed, message: "error: \(reason)")
        }
    }
}
