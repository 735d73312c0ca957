internal import Datasets
internal import Foundation
internal import Logging
internal import Runs
internal import SearchSpaces
internal import Store
internal import Supernets
internal import Training

/// The training of a run's supernet, from checkpoint to checkpoint.
final class TrainingPhase {
    let trainer: any RunTrainer
    let context: RunContext
    private let checkpointEvery: Int
    private let keep: [Int]
    let checkpoints: CheckpointFolder
    let stepNote: StepNote
    /// What the store holds of the run, as far as the last checkpoint.
    private var results: ResultsChain
    var recorder: TrainingRecorder
    /// Steps that were done since this start.
    private(set) var executed = 0

    /// How often a worker lost what it had learned since the last checkpoint.
    var setbacks = 0

    static let mostRollbacks = 8
    static let mostSetbacks = 3

    /// Makes room for training; nil for a run that trains nothing.
    ///
    /// - Throws: `CoordinatorError.noData` for a run that names none to train on, and `openBudget` before its steps are known.
    init?(_ context: RunContext, _ workers: WorkerMeans) throws {
        let inputs = context.inputs
        if let train = inputs.specification.train {
            let start = RunInputs.startFile(of: context.run, in: context.store.directory)
            trainer = try inputs.trainer(
                train, seed: UInt64(inputs.specification.seed),
                start: try train.start.map { _ in try StartWeights(file: start, for: inputs.space.supernet()) },
                pool: context.pool, kernels: context.kernels)
            (checkpointEvery, keep) = (train.checkpointEvery, train.keep)
        } else if let train = inputs.specification.workerTraining {
            trainer = try WorkerTrainer(train, context, workers)
            (checkpointEvery, keep) = (train.checkpointEvery, train.keep)
        } else {
            return nil
        }
        self.context = context
        checkpoints = CheckpointFolder(store: context.store, run: context.run, kept: Set(keep))
        stepNote = StepNote(folder: context.store.directory.runDirectory(context.run))
        results = ResultsChain(context.run)
        recorder = TrainingRecorder(every: inputs.specification.recordEvery, elapsedSeconds: 0)
    }

    var store: RunStore { context.store }
    var run: RunID { context.run }
    private var plan: RoundPlan { context.plan }

    /// Architectures that the sampler holds for good.
    var picks: [Genome] { trainer.sampler.picks }

    /// Removes what was set aside, once the run is over.
    func removeAside() { try? checkpoints.removeAside() }

    // MARK: Beginning

    /// Takes the newest whole checkpoint, or starts from initial weights.
    ///
    /// - Parameter hasOtherNumerics: Whether it goes on with other kernels than before.
    /// - Returns: How many steps are done again.
    func recover(hasOtherNumerics: Bool) throws -> Int {
        let done = max(try store.run(run).step, stepNote.step)
        try restore(from: try checkpoints.files())
        // Rows of later ones were left without their files, or training would go on from those.
        try checkpoints.remove(past: trainer.step)
        // What is told of the steps after the checkpoint will differ in its last bits, or in more, as where courses are longer.
        if hasOtherNumerics || context.extensions > 0 || !trainer.isRepeatable {
            try store.forgetTraining(run, afterStep: trainer.step)
        } else if let step = try firstStepOfAnotherRate() {
            try store.forgetTraining(run, afterStep: step - 1)
        }
        recorder = TrainingRecorder(
            every: context.specification.recordEvery,
            elapsedSeconds: try store.trainingRecord(run, upToStep: trainer.step)?.elapsedSeconds ?? 0)
        return max(0, done - trainer.step)
    }

    /// The first step after the checkpoint that was recorded after a rollback, with a lower rate: training will first come to
    /// that rollback again. Nil when there is none.
    private func firstStepOfAnotherRate() throws -> Int? {
        var last = trainer.step
        while true {
            let page = try store.trainingRecords(run, afterStep: last, limit: 1000)
            if let other = page.first(where: { $0.learningRate != trainer.learningRate(ofStep: $0.step) }) {
                return other.step
            }
            guard page.count == 1000, let step = page.last?.step else { return nil }
            last = step
        }
    }

    /// Takes the first whole checkpoint of the files whose results the store holds, or starts from initial weights where
    /// there is none.
    ///
    /// - Throws: What kept a file from being read: only damage that was read is damage.
    func restore(from files: [String]) throws {
        for file in files {
            do {
                let header = try trainer.restore(from: file, fingerprints: context.inputs.fingerprints)
                context.search = try header.search.map(RoundState.init(json:))
                guard try takeResults(of: header, file) else { continue }
                context.step = trainer.step
                return
            } catch  where !TransientFault.isOne(error) && !(error is StoreError) {
                context.notice("checkpoint passed over: \(error)")
                try checkpoints.setAside(file, .unusable)
            }
        }
        trainer.restart()
        context.step = trainer.step
        trainer.rateFactor = 1
        context.search = nil
        results = ResultsChain(run)
    }

    /// Reads the results that a checkpoint builds on; false when the store does not have them as they were.
    private func takeResults(of header: CheckpointHeader, _ file: String) throws -> Bool {
        results = ResultsChain(run)
        guard let json = header.results else {
            context.notice(
                "\(file) was written by an earlier version: whether the database has all that it builds on is unverified"
            )
            return true
        }
        let wanted = try ResultsMark(json: json)
        try results.extend(rounds: wanted.rounds, step: wanted.step, recorded: wanted.recorded, in: store.bulk)
        if results.mark == wanted {
            // The end of a shorter training that was extended since: figures that are told at its end have no place any more.
            if wanted.step <= 0 || isMilestone(wanted.step) { return true }
            context.notice(
                "\(file) was the end of a shorter training, off the schedule of this one; its last steps are done again"
            )
            try store.forgetTraining(run, afterStep: wanted.step - 1)
            try checkpoints.setAside(file, .unmatched)
            return false
        }
        context.notice(
            "\(file) builds on \(wanted.candidates) candidates of \(wanted.rounds) rounds, and the database does not have "
                + "them as they were: it lost its end, was damaged, or an older one was put back; what is missing is "
                + "computed again")
        try checkpoints.setAside(file, .unmatched)
        return false
    }

    // MARK: Working

    /// Trains until a checkpoint is due and written, or training went back to one; false when asked to stop.
    func trainToMilestone() throws -> Bool {
        do {
            return try trainOn()
        } catch let setback as TrainingSetback {
            try goBack(after: setback)
            return true
        }
    }

    private func trainOn() throws -> Bool {
        let milestone = nextMilestone
        while true {
            let start = ContinuousClock.now
            guard let result = try trainer.nextStep(until: milestone) else { return false }
            executed += 1
            context.step = trainer.step
            guard result.isFinite else {
                try rollBack()
                return true
            }
            stepNote.note(trainer.step)
            context.report(.trained(step: trainer.step, of: plan.steps, loss: result.loss))
            let begin = trainer.lastSeconds.map { .now - .seconds($0) } ?? start
            if let record = recorder.note(result, step: trainer.step, from: begin) { context.report(.recorded(record)) }
            if isMilestone(trainer.step) {
                guard trainer.isFinite else {
                    try rollBack()
                    return true
                }
                try writeCheckpoint(loss: result.loss)
                if trainer.step == plan.steps, let executed = trainer.multiplyAdds {
                    context.report(.executed(multiplyAdds: executed))
                }
                return true
            }
            if context.control.isAsked, trainer.isWhole {
                if trainer.isFinite { try writeCheckpoint(loss: nil) }
                return false
            }
            if recorder.isFull { try writeRecords() }
        }
    }

    /// Whether a step brings a checkpoint.
    func isMilestone(_ step: Int) -> Bool {
        step % checkpointEvery == 0 || step == plan.steps || plan.round(at: step) != nil || keep.contains(step)
    }

    /// The next step that brings a checkpoint.
    private var nextMilestone: Int {
        (trainer.step + 1...max(trainer.step + 1, plan.steps)).first(where: isMilestone) ?? plan.steps
    }

    /// The last step before one that brings a checkpoint; 0 for none.
    private func lastMilestone(before step: Int) -> Int { (1..<max(1, step)).last(where: isMilestone) ?? 0 }

    /// - Parameter loss: The last step's loss, for the event; nil for a checkpoint that only a stop brought about, of
    ///   which results must not tell.
    private func writeCheckpoint(loss: Double?) throws {
        // What tells of the steps comes first: once the checkpoint is there, they are not done again.
        if let loss { try tellProgress(loss: loss) } else { try writeRecords() }
        // The sampler's numbers are told at milestones alone: what was learned since is still to come.
        let told = loss == nil ? lastMilestone(before: trainer.step) : trainer.step
        try results.extend(
            rounds: (context.search?.round ?? -1) + 1, step: told, recorded: trainer.step, in: store.bulk)
        try checkpoints.write(
            trainer, fingerprints: context.inputs.fingerprints, numerics: context.numerics,
            search: try context.search?.json(),
            results: results.mark, isMilestone: isMilestone)
        setbacks = 0
        trainer.keepOnly(Set(try checkpoints.files().compactMap(CheckpointFolder.step)))
        try store.setStep(run, trainer.step, time: context.now)
        context.log.info("checkpoint", metadata: ["step": .stringConvertible(trainer.step)])
    }

    /// Writes the records that were gathered.
    private func writeRecords(with statistics: [Store.SamplerStatistic] = []) throws {
        guard !(recorder.unwritten.isEmpty && statistics.isEmpty) else { return }
        try store.recordTraining(run, recorder.unwritten, statistics: statistics)
        recorder.clear()
    }

    /// What was recorded and drawn since the last milestone, and how far training is.
    private func tellProgress(loss: Double) throws {
        let begin = lastMilestone(before: trainer.step)
        try writeRecords(
            with: trainer.samplerStatistics(of: begin..<trainer.step).map {
                Store.SamplerStatistic(step: $0.step, name: $0.name, bin: $0.bin, value: $0.value)
            })
        trainer.sampler.forgetStatistics()
        // Under other numerics the same step has another loss: that is another event.
        var bits = StableHash()
        bits.combine(context.numerics)
        // So has one that is done again by somebody who rounds as he likes.
        if !trainer.isRepeatable { bits.combine("\(loss)") }
        var data: [String: EventData] = [
            "step": .number(trainer.step), "steps": .number(plan.steps), "loss": .real(loss),
        ]
        data["multiplyAdds"] = trainer.multiplyAdds.map(EventData.number)
        try context.append(
            EventDraft(
                .runProgress, data: EventData.object(data),
                key: "progress-\(trainer.step)-\(bits.hexadecimal.prefix(8))"))
    }
}
