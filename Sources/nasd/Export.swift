internal import ArgumentParser
internal import Foundation
internal import Runs
internal import SearchSpaces
internal import Store
internal import UserFiles

/// `nasd export RUN`: the results of a run as CSV, beside a live run or after it.
struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Export a run's candidates, or what its training told, as CSV.",
        discussion: "Reads only, also while the run goes on. The columns are described in Documentation/results.md.")

    @OptionGroup var stored: StoredRunArguments
    @Flag(help: "Only the front of the newest weights.")
    var front = false
    @Flag(help: "What the sampler did and learned, over the steps, instead of candidates.")
    var sampler = false
    @Flag(help: "Loss, learning rate and speed of every n-th step (train.recordEvery), instead of candidates.")
    var training = false
    @Flag(help: "The hypervolume of the front after each evaluation, instead of candidates.")
    var curve = false
    @Option(help: "A file to write, complete or not at all; default standard output.", transform: PathText.checked)
    var output: String?

    func validate() throws {
        if [front, sampler, training, curve].count(where: { $0 }) > 1 {
            throw ValidationError("--front, --sampler, --training and --curve exclude one another")
        }
    }

    func run() throws {
        try Failure.catching {
            let file = try OutputFile(path: output ?? "-")
            let rest = try fill(file)
            try file.write(rest)
            try file.commit()
        }
    }

    /// Reads the results into a file of the disk, or else returns them, so that nobody waits for a slow reader of theirs: neither
    /// a snapshot of the database nor, where a reader keeps them out, its owner.
    private func fill(_ file: OutputFile) throws -> [UInt8] {
        let found = try stored.open(), store = found.store, run = found.run
        if sampler { return try SamplerCSV.bytes(run.id, from: store) }
        if training { return try TrainingCSV.bytes(run.id, from: store) }
        if curve { return try CurveCSV.bytes(run.id, from: store) }
        let settings = try run.specification()
        let csv = ResultsCSV(objectives: settings.objectives, constraints: settings.constraints)
        var failure: UserFileError?
        var rest: [UInt8] = []
        let unverified = try csv.stream(run.id, from: store, frontOnly: front) { record throws(StoreError) in
            guard failure == nil else { return }
            guard file.appearsWhole else {
                rest += record
                return
            }
            do throws(UserFileError) {
                try file.write(record)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        warn(unverified)
        return rest
    }

    /// Tells of rows that could not be held against anything.
    private func warn(_ unverified: Int) {
        guard unverified > 0 else { return }
        Output.tell("note: \(unverified) rows are unverified: an earlier version wrote them, without a digest")
    }
}
