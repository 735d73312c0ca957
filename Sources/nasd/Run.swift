internal import API
internal import ArgumentParser
internal import Coordinator
internal import Foundation
internal import SearchSpaces
internal import Store
internal import Tensors
internal import Training

/// `nasd run FILE`: the whole job in the foreground, in a data directory of its own.
struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train a supernet, search it, and leave the front of the best networks.",
        discussion: """
            Stops cleanly with a checkpoint at SIGINT or SIGTERM, survives being killed, and continues where it stopped \
            when it is started again with the same file and output. Results do not depend on the number of workers.
            """)

    @Argument(help: "A YAML file of kind Run.")
    var file: String
    @Option(help: "The folder of the data; default data.directory of the file, or the current folder.")
    var data: String?
    @Option(help: "Worker threads; default the file's, or one for each core.")
    var workers: Int?
    @Option(help: "The data directory of the run; default nasd-runs/NAME.")
    var output: String?
    @Option(help: "The seed, in place of the file's.")
    var seed: Int?
    @Option(name: .customLong("set"), help: "key=value: replaces a key of the file, such as train.steps=500.")
    var overrides: [String] = []
    @Option(help: "The folder of the webhook's secret; default $NASD_WEBHOOK_SECRET_DIRECTORY.")
    var webhookSecrets: String?
    @Flag(help: "Continue a run that began with kernels that round differently.")
    var allowNumericsChange = false

    func validate() throws {
        if let workers, !(1...1024).contains(workers) { throw ValidationError("--workers is from 1 to 1024") }
        if output == "" { throw ValidationError("--output is empty; name a folder") }
    }

    func run() throws {
        try Failure.catching {
            let inputs = try RunFile(path: file).inputs(
                overrides: overrides, seed: seed, data: data, workers: workerCount)
            let specification = inputs.specification
            let directory = output ?? RunFile.usualDirectory(specification.name)
            let kernels = try Kernels()
            let pool = WorkerPool(count: workerCount(specification))
            let announcer = try RunAnnouncer(specification.webhook, secrets: webhookSecrets)
            let estimate = try RunEstimate(inputs, pool: pool)
            try estimate.checkDisk(of: directory)
            let session = try RunSession(inputs, directory: directory)
            let display = ProgressDisplay(steps: specification.train.steps)
            display.overview(inputs, session: session, estimate: estimate, workers: pool.count, kernels: kernels)
            StopSignals.install()
            announcer?.start(session.store)
            let outcome: RunOutcome
            do {
                outcome = try session.execute(
                    inputs, pool: pool, kernels: kernels, control: StopSignals.control,
                    allowsNumericsChange: allowNumericsChange, report: display.show)
            } catch {
                // A refusal is no unclean stop.
                display.finish()
                announcer?.finish(session.store)
                try? session.store.close()
                throw error
            }
            display.finish()
            announcer?.finish(session.store)
            try end(outcome, session, inputs)
        }
    }

    private func workerCount(_ specification: RunSpecification) -> Int {
        if let workers { return workers }
        switch specification.workers {
        case .auto: return ProcessInfo.processInfo.activeProcessorCount
        case .count(let count): return count
        }
    }

    private func end(_ outcome: RunOutcome, _ session: RunSession, _ inputs: RunInputs) throws {
        switch outcome {
        case .completed:
            let results = session.results(inputs.specification)
            let paths = try results.writeCSV()
            try ResultsTable(results, inputs.specification).show(
                run: session.run, results: paths.results, front: paths.front, data: data)
            try session.store.close()
        case .stopped:
            try session.store.close()
            throw Failure(
                code: StopSignals.isTermination ? .terminated : .interrupted,
                message: "stopped with a checkpoint; the same command goes on from there")
        case .failed(let reason):
            try session.store.close()
            throw Failure(code: .runFailed, message: "error: \(reason)")
        }
    }
}
