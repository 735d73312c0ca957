internal import Foundation
internal import Runs
internal import Store
internal import Supernets
internal import Tensors
internal import Training

extension RunInputs {
    /// The same inputs with what the run file leaves open until the run begins: the number of steps that it has by its budget,
    /// the weights of another run that it searches, or those that it begins with. What the store holds of it, or else what is found
    /// out here and now, and stored before anything is trained or measured.
    ///
    /// - Parameter note: Takes the run with all of it, to be stored as a run file.
    /// - Returns: Nil when asked to stop before the number of steps was known.
    /// - Throws: `RunError.unfitSetting` where the budget comes to no training that the settings go with.
    func settled(
        as run: StoredRun, in store: RunStore, pool: WorkerPool, kernels: Kernels, control: RunControl,
        measure: TrainingPace.Measure, note: (RunSpecification) throws -> Void
    ) throws -> RunInputs? {
        let continued = try with(specification.continuing(run.specification()))
        if specification.supernet != nil {
            return try continued.withAdoptedCheckpoint(of: run, in: store, note: note)
        }
        try continued.adoptStart(by: run, in: store)
        guard continued.specification.isBudgetOpen else { return continued }
        guard let pace = try measure(self, pool, kernels, control) else { return nil }
        let settled = try specification.settled(in: space, multiplyAddsPerSecond: pace)
        try note(settled)
        return with(settled)
    }

    /// The same inputs under settings whose steps are known.
    func with(_ settled: RunSpecification) -> RunInputs {
        guard settled != specification else { return self }
        var inputs = self
        inputs.specification = settled
        inputs.fingerprints = Fingerprints(
            space: fingerprints.space, run: settled.fingerprint, data: fingerprints.data)
        return inputs
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
        // Whose file it is may write it anew in place.
        try AtomicFile.copy(file, as: own)
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
        let step = try known ?? SourceRun(source, in: store).adopt(by: run.id, in: store, for: self)
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
