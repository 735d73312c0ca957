internal import Datasets
internal import Foundation
public import Runs
public import SearchSpaces
public import Store
internal import Supernets
internal import Tensors
internal import Training

/// The run whose supernet another run searches.
public struct SourceRun {
    /// The run.
    public let run: StoredRun
    private let source: SupernetSource
    private let directory: DataDirectory
    private let store: any RunQueries

    /// How often a checkpoint that its run replaces meanwhile is looked for.
    private static let mostTries = 8

    /// Finds the run: by name, id or a unique prefix in the same data directory, or by the path of another.
    ///
    /// - Parameter store: Of the data directory of the run that searches.
    /// - Throws: `CoordinatorError.noSupernet` where there is none, or several, or one without networks.
    public init(_ source: SupernetSource, in store: RunStore) throws {
        self.source = source
        func refuse(_ reason: String) -> CoordinatorError { .noSupernet(run: source.run, reason: reason) }
        do {
            if source.isPath {
                (directory, self.store, run) = try Self.find(at: source.run)
            } else {
                (directory, self.store, run) = (store.directory, store, try store.findRun(source.run))
            }
        } catch StoreError.noSuchRun {
            throw refuse("there is no such run; name one that is there, or the path of its data directory")
        } catch let StoreError.ambiguousRun(_, ids) {
            throw refuse("several runs are called so: \(ids.joined(separator: ", ")); name one by its id")
        } catch let error as StoreError {
            throw refuse("\(error)")
        }
        guard try run.specification().hasNetworks else {
            throw refuse("it trains no networks; name a run that does, or take out supernet")
        }
    }

    /// The run that a path names: a data directory with one run that has checkpoints, or the folder of a run in one.
    private static func find(
        at path: String
    ) throws -> (DataDirectory, any RunQueries, StoredRun) {
        let place = URL(filePath: path).standardizedFileURL
        if let id = RunID(place.lastPathComponent), place.deletingLastPathComponent().lastPathComponent == "runs" {
            let directory = try DataDirectory(
                reading: place.deletingLastPathComponent().deletingLastPathComponent().path)
            let store = try RunReader(directory)
            return (directory, store, try store.run(id))
        }
        let directory = try DataDirectory(reading: place.path)
        let store = try RunReader(directory)
        let trained = try store.storedRuns(limit: 1000).filter { try !store.checkpoints($0.id).isEmpty }
        guard let first = trained.first else {
            throw CoordinatorError.noSupernet(run: path, reason: "none of its runs has a checkpoint")
        }
        guard trained.count == 1 else {
            throw CoordinatorError.noSupernet(
                run: path,
                reason: "it has several trained runs; name one of "
                    + trained.prefix(20).map { "\(path)/runs/\($0.id) (\($0.name))" }.joined(separator: ", "))
        }
        return (directory, store, first)
    }

    /// The space of the supernet, where it is called so; nil otherwise.
    public func space(named name: String) throws -> SearchSpace? {
        let space = try run.space()
        return try run.specification().space == name || space.name == name ? space : nil
    }

    /// Checks that a run can search the supernet, as far as the documents of both say, and that the step that it asks for is
    /// there.
    ///
    /// - Throws: `CoordinatorError.otherSupernet` for another space, task or split of the data, and `noSuchStep`.
    public func check(_ specification: RunSpecification, in space: SearchSpace) throws {
        let own = try run.specification(), trained = try run.space()
        func refuse(_ what: String, _ expected: String, _ found: String) -> CoordinatorError {
            .otherSupernet(run: source.run, what: what, expected: expected, found: found)
        }
        guard trained.fingerprint == space.fingerprint else {
            throw refuse("space", "\(trained.name) as it was then", space.name)
        }
        let task = own.task(in: trained)?.name ?? "none", asked = specification.task(in: space)?.name ?? "none"
        guard task == asked else { throw refuse("task.kind", task, asked) }
        // What was trained on must not be measured on.
        if let theirs = own.data?.holdOut, let mine = specification.data?.holdOut {
            guard theirs.validation == mine.validation else {
                throw refuse("data.holdOut.validation", "\(theirs.validation)", "\(mine.validation)")
            }
            guard theirs.sampler == mine.sampler else {
                throw refuse("data.holdOut.sampler", "\(theirs.sampler)", "\(mine.sampler)")
            }
            guard theirs.isStratified == mine.isStratified else {
                throw refuse("data.holdOut.stratified", "\(theirs.isStratified)", "\(mine.isStratified)")
            }
        }
        guard own.seed == specification.seed else {
            throw refuse("seed, by which the data are split,", "\(own.seed)", "\(specification.seed)")
        }
        _ = try checkpoints()
    }

    /// The checkpoint that is asked for, or all, the newest first.
    private func checkpoints() throws -> [CheckpointRecord] {
        let kept = try store.checkpoints(run.id)
        guard !kept.isEmpty else {
            throw CoordinatorError.noSupernet(
                run: source.run, reason: "it has no checkpoint; wait for its first, or name another run")
        }
        guard let step = source.step else { return kept }
        guard let asked = kept.first(where: { $0.step == step }) else {
            throw CoordinatorError.noSuchStep(run: source.run, step: step, kept: kept.map(\.step).sorted())
        }
        return [asked]
    }

    /// Makes the checkpoint a file of the run that searches it: whatever becomes of this one, it stays. Where no step is asked for,
    /// one that is damaged is passed over.
    ///
    /// - Parameter inputs: Whose space and data it is held against; nil for not yet.
    /// - Returns: Its step.
    @discardableResult
    public func adopt(by other: RunID, in own: RunStore, for inputs: RunInputs? = nil) throws -> Int {
        try own.directory.createRunDirectory(other)
        var failure: any Error = CoordinatorError.noSupernet(run: source.run, reason: "it has no checkpoint any more")
        for _ in 0..<Self.mostTries {
            let records = try checkpoints()
            for record in records {
                do {
                    let checkpoint = try CheckpointFile(path(record))
                    try inputs?.check(checkpoint.header, of: source)
                    try checkpoint.checkDigest()
                    try AtomicFile.adopt(
                        path(record), as: own.directory.checkpointDirectory(other) + "/" + record.file)
                    return record.step
                } catch let error as CoordinatorError {
                    throw error
                } catch {
                    failure = error
                }
            }
            // A run that goes on training replaces its checkpoints by newer ones; what is there and damaged stays so.
            if records.map(path).allSatisfy(FileManager.default.fileExists(atPath:)) { break }
        }
        throw failure
    }

    private func path(_ record: CheckpointRecord) -> String {
        directory.checkpointDirectory(run.id) + "/" + record.file
    }
}

/// The checkpoint of another run that a run has made its own, with the weights in it.
struct AdoptedCheckpoint {
    let weights: TrainedWeights
    let step: Int

    /// Reads the file in the run's own folder.
    ///
    /// - Throws: `CoordinatorError.openSource` for a run that has not begun, or what is wrong with the file.
    init(
        of run: RunID, in directory: DataDirectory, _ inputs: RunInputs, pool: WorkerPool, kernels: any Backend
    ) throws {
        guard let source = inputs.specification.supernet, let step = source.step else {
            throw CoordinatorError.openSource(run: run.text)
        }
        guard let dataset = inputs.dataset else { throw CoordinatorError.noData }
        let checkpoint = try CheckpointFile(
            directory.checkpointDirectory(run) + "/" + CheckpointFolder.fileName(step: step))
        try inputs.check(checkpoint.header, of: source)
        weights = try TrainedWeights(
            checkpoint, of: inputs.space.supernet(), task: try inputs.task(over: dataset),
            calibration: Calibration(
                examples: dataset.trainingExamples, trained: dataset.split.train,
                extent: inputs.specification.calibration), pool: pool, kernels: kernels)
        self.step = step
    }
}

extension RunInputs {
    /// Checks that weights were trained in this space and on these data.
    ///
    /// - Throws: `CoordinatorError.otherSupernet`.
    fileprivate func check(_ header: CheckpointHeader, of source: SupernetSource) throws(CoordinatorError) {
        for (what, expected, found) in [
            ("space", header.fingerprints.space, fingerprints.space),
            ("data", header.fingerprints.data, fingerprints.data),
        ] where expected != found {
            throw .otherSupernet(run: source.run, what: what, expected: expected, found: found)
        }
    }
}
