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
        }
        guard own.seed == specification.seed else {
            throw refuse("seed, by which the data are split,", "\(own.seed)", "\(specification.seed)")
        }
        _ = try checkpoint()
    }

    /// The checkpoint that is asked for, or the newest.
    private func checkpoint() throws -> CheckpointRecord {
        let kept = try store.checkpoints(run.id)
        guard let newest = kept.first else {
            throw CoordinatorError.noSupernet(run: source.run, reason: "it has no checkpoint yet; wait for its first")
        }
        guard let step = source.step else { return newest }
        guard let asked = kept.first(where: { $0.step == step }) else {
            throw CoordinatorError.noSuchStep(run: source.run, step: step, kept: kept.map(\.step).sorted())
        }
        return asked
    }

    /// Makes the checkpoint a file of the run that searches it: whatever becomes of this one, it stays.
    ///
    /// - Returns: Its step.
    func adopt(by other: RunID, in own: RunStore, _ inputs: RunInputs) throws -> Int {
        for attempt in 1... {
            let record = try checkpoint()
            let file = directory.checkpointDirectory(run.id) + "/" + record.file
            do {
                try inputs.check(CheckpointFile(file).header, of: source)
                try AtomicFile.adopt(file, as: own.directory.checkpointDirectory(other) + "/" + record.file)
                return record.step
            } catch {
                // A run that goes on training replaces its checkpoints by newer ones.
                guard attempt < Self.mostTries, !FileManager.default.fileExists(atPath: file) else { throw error }
            }
        }
        return 0
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
            calibration: Calibration(of: dataset), pool: pool, kernels: kernels)
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

    /// Where a run has the weights that its training begins with.
    static func startFile(of run: RunID, in directory: DataDirectory) -> String {
        directory.runDirectory(run) + "/start.safetensors"
    }

    /// Reads the weights that training is to begin with, and holds them against the space.
    func checkStart() throws {
        guard let file = specification.train?.start else { return }
        _ = try StartWeights(file: file, for: space.supernet())
    }

    /// Makes the weights that training begins with a file of the run's own: whatever becomes of the other, it stays.
    func adoptStart(by run: StoredRun, in store: RunStore) throws {
        guard let file = specification.train?.start, !run.state.isEnded || run.state == .failed else { return }
        let own = Self.startFile(of: run.id, in: store.directory)
        guard !FileManager.default.fileExists(atPath: own) else { return }
        try checkStart()
        try store.directory.createRunDirectory(run.id)
        try AtomicFile.adopt(file, as: own)
    }

    /// The same inputs with the step of the supernet that the run searches, whose checkpoint is the run's own from here on.
    ///
    /// - Parameter note: Takes the settings where their step was not known before, to be stored.
    func withAdoptedCheckpoint(
        of run: StoredRun, in store: RunStore, note: (RunSpecification) throws -> Void
    ) throws -> RunInputs {
        guard let source = specification.supernet, !run.state.isEnded || run.state == .failed else { return self }
        try store.directory.createRunDirectory(run.id)
        // What a kill left between the link and the note is the run's own already.
        let own = try CheckpointFolder(store: store, run: run.id).files().compactMap(CheckpointFolder.step)
        let known = own.first { source.step == nil || $0 == source.step }
        let step = try known ?? SourceRun(source, in: store).adopt(by: run.id, in: store, self)
        if try !store.checkpoints(run.id).contains(where: { $0.step == step }) {
            let file = CheckpointFolder.fileName(step: step)
            let header = try CheckpointFile(store.directory.checkpointDirectory(run.id) + "/" + file).header
            try store.recordCheckpoint(run.id, CheckpointRecord(step: step, file: file, digest: header.digest))
        }
        guard source.step == nil else { return self }
        let settled = specification.settled(sourceStep: step)
        try note(settled)
        return with(settled)
    }
}
