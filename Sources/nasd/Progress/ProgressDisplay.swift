internal import Coordinator
internal import Datasets
internal import Documents
internal import Foundation
internal import Runs
internal import SearchSpaces
internal import Store
internal import Synchronization
internal import Tensors

/// Shows a run's progress on standard error: on a terminal one line for each phase, drawn anew; elsewhere a line now and then.
final class ProgressDisplay: Sendable {
    private let state = Mutex(PhaseLine())

    /// Who looks on while data are read, and sees how many pictures are decoded.
    var watch: ReadingWatch {
        ReadingWatch(progress: { done, all in self.state.withLock { $0.decoded(done, of: all) } }) { false }
    }

    /// Shows one piece of progress.
    func show(_ progress: RunProgress) { state.withLock { $0.show(progress) } }

    /// Leaves the line that is drawn as it is.
    func finish() { state.withLock { $0.finish() } }

    /// What is about to happen, before the start.
    func overview(
        _ inputs: RunInputs, session: RunSession, estimate: RunEstimate, workers: Int, kernels: Kernels
    ) {
        let run = inputs.specification, space = inputs.space
        Output.tell(
            "\(session.isContinued ? "continuing" : "beginning") run \(session.run.id) (\(run.name)) in \(session.store.directory.path)"
        )
        Output.tell(
            "space \(space.name), \(space.canonicalGenomeCountText) architectures; "
                + (inputs.dataset.map { data in
                    "\(data.split.train.count) training, \(data.split.validation.count) validation, "
                        + "\(data.testCount) test examples"
                } ?? inputs.evaluatorRemark ?? "nothing to read"))
        if let text = inputs.latencyRemark { Output.tell(text) }
        if !run.constraints.isEmpty, !space.costs.isEmpty { Output.tell(space.feasibleText(keeping: run.constraints)) }
        Output.tell("\(workers) workers, \(inputs.numerics(kernels))")
        if let text = run.trainingText(in: space) { Output.tell(text) }
        Output.tell(
            "about \(Self.duration(estimate.seconds)) in all, at most \(estimate.diskBytes >> 20) MiB on the disk")
        for notice in session.store.notices { Output.tell("note: \(notice)") }
    }

    /// A number with four decimals, never `-0.0000`; a large whole one, such as a cost that was measured, without any.
    static func text(_ value: Double) -> String {
        if abs(value) >= 1000, let whole = Int(exactly: value) { return "\(whole)" }
        let text = String(format: "%.4f", value)
        return text == "-0.0000" ? "0.0000" : text
    }

    static func duration(_ seconds: Double) -> String {
        if seconds > 1000 * 365.25 * 86_400 { return "more than 1000 years" }
        let whole = Int(saturating: seconds)
        if whole < 90 { return "\(whole) s" }
        if whole < 5400 { return "\((whole + 30) / 60) min" }
        return String(format: "%.1f h", seconds / 3600)
    }
}

extension RunSpecification {
    /// How long training goes on and what it executes, or whose supernet is searched, in a line; nil for a run without networks.
    func trainingText(in space: SearchSpace) -> String? {
        if let supernet {
            let step = supernet.step.map { "step \($0)" } ?? "the newest step"
            return "supernet: \(step) of \(TerminalText.escaped(supernet.run)); nothing is trained"
        }
        guard let train, let work = TrainingWork(self, in: space) else { return nil }
        guard train.steps > 0 else {
            return "train.steps: measured when the run begins, for \(budget?.text ?? "a budget")"
        }
        let origin = budget.map { ", which \($0.text) comes to" } ?? ""
        return
            "train.steps: \(train.steps)\(origin); about \(ShortNumber.counted(work.total)) multiply-adds of training"
    }
}
