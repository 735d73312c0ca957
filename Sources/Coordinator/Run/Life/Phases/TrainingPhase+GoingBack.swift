internal import Runs
internal import Store
internal import Training

/// How training goes back: to a milestone where it diverged, to the last checkpoint where a worker has lost the rest.
extension TrainingPhase {
    /// Goes back to the last checkpoint, since a worker has lost what it had learned since; figures that were told of these steps
    /// make way for those to come.
    func goBack(after setback: TrainingSetback) throws {
        let step = trainer.step
        setbacks += 1
        guard setbacks < Self.mostSetbacks else {
            throw CoordinatorError.workerTraining(step: step, reason: setback.reason)
        }
        try restore(from: try checkpoints.files())
        try store.forgetTraining(run, afterStep: trainer.step)
        recorder.clear()
        stepNote.note(trainer.step)
        try checkpoints.remove(past: trainer.step)
        context.report(.recovered(step: trainer.step))
        context.notice("\(setback.reason): back from step \(step) to step \(trainer.step)")
        let data = EventData.object([
            "step": .number(trainer.step), "redone": .number(step - trainer.step), "reason": .text(setback.reason),
        ])
        try store.appendEvent(run, EventDraft(.runRecovered, data: data), time: context.now)
    }

    /// Goes back to the last milestone with half the rate.
    ///
    /// Milestones alone, and rates counted from theirs: the same decision wherever the run was stopped in between.
    func rollBack() throws {
        let step = trainer.step
        let factor = trainer.rateFactor / 2
        let executed = trainer.multiplyAdds
        try restore(
            from: try checkpoints.files().filter {
                CheckpointFolder.step(of: $0).map { $0 < step && isMilestone($0) } ?? false
            })
        // Also where it ends here: a stop in between has written what otherwise nobody has.
        try store.forgetTraining(run, afterStep: trainer.step)
        recorder.clear()
        // The milestone's own factor, halved once for each time that training went back to it.
        guard factor >= trainer.rateFactor / Double(1 << Self.mostRollbacks) else {
            throw CoordinatorError.diverged(step: step, rollbacks: Self.mostRollbacks)
        }
        trainer.rateFactor = factor
        // What was in vain was executed all the same.
        trainer.multiplyAdds = executed
        stepNote.note(trainer.step)
        try checkpoints.remove(past: trainer.step)
        context.report(.recovered(step: trainer.step))
        context.notice("training diverged at step \(step): back to step \(trainer.step) with \(factor) of the rate")
        let data = EventData.object([
            "step": .number(step), "to": .number(trainer.step), "rateFactor": .real(factor),
        ])
        try context.append(EventDraft(.trainingRollback, data: data, key: "rollback-\(step)-\(factor)"))
    }
}
