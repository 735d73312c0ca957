internal import Coordinator
internal import Datasets
internal import Documents
internal import Foundation
internal import Runs
internal import SearchSpaces
internal import Store
internal import Tensors

/// Shows a run's progress on standard error: one line that is redrawn on a terminal, a line now and then elsewhere.
final class ProgressDisplay {
    private let steps: Int
    private let isTerminal = isatty(STDERR_FILENO) != 0
    private let plainSeconds = 15.0
    private var begun: ContinuousClock.Instant?
    private var firstStep = 0
    private var lastShown: ContinuousClock.Instant?
    private var best: Double?
    private var hasOpenLine = false

    init(steps: Int) { self.steps = steps }

    /// What is about to happen, before the start.
    func overview(
        _ inputs: RunInputs, session: RunSession, estimate: RunEstimate, workers: Int, kernels: Kernels
    ) {
        let run = inputs.specification, space = inputs.space
        line(
            "\(session.isContinued ? "continuing" : "beginning") run \(session.run.id) (\(run.name)) in \(session.store.directory.path)"
        )
        line(
            "space \(space.name), \(space.canonicalGenomeCountText) architectures; "
                + (inputs.dataset.map { data in
                    "\(data.split.train.count) training, \(data.split.validation.count) validation, "
                        + "\(data.testCount) test examples"
                } ?? inputs.evaluatorRemark ?? "nothing to read"))
        if let text = inputs.latencyRemark { line(text) }
        if !run.constraints.isEmpty, !space.costs.isEmpty { line(space.feasibleText(keeping: run.constraints)) }
        line("\(workers) workers, \(inputs.numerics(kernels))")
        if let text = run.trainingText(in: space) { line(text) }
        line("about \(Self.duration(estimate.seconds)) in all, at most \(estimate.diskBytes >> 20) MiB on the disk")
        for notice in session.store.notices { line("note: \(notice)") }
    }

    /// Shows one piece of progress.
    func show(_ progress: RunProgress) {
        switch progress {
        case .notice(let text): line("note: \(text)")
        case .warning(let text): line("warning: \(text)")
        case .recovered, .recorded: break
        case .state(let state):
            if !isTerminal { line("\(state.rawValue)") }
            begun = nil
        case .trained(let step, let all, let loss):
            let rate = rate(of: step)
            let left = rate > 0 ? "  \(Self.duration(Double(all - step) / rate)) left in training" : ""
            let found = best.map { "  best \(Self.text($0))" } ?? ""
            update(
                "training ", step, all,
                " \(step)/\(all)  loss \(Self.text(loss))"
                    + (rate > 0 ? "  \(String(format: "%.1f", rate)) steps/s" : "") + left + found,
                isLast: step == all)
        case .executed(let multiplyAdds):
            line("trained with \(ShortNumber.counted(Double(multiplyAdds))) multiply-adds (\(multiplyAdds))")
        case .searched(let round, let done, let all, let value):
            best = value
            let found = value.map { "  best \(Self.text($0))" } ?? ""
            let rate = rate(of: done)
            let left = rate > 0 ? "  \(Self.duration(Double(all - done) / rate)) left in the round" : ""
            update(
                "searching ", done, all, " \(done)/\(all) of round \(round)\(found)\(left)", isLast: done == all)
        case .finalist(let candidate, let stage, let step, let all):
            update(
                "training ", step, all, " \(step)/\(all) of candidate \(candidate), \(stage.rawValue)",
                isLast: step == all)
        case .validated(let part, let finalists): line("\(part) of \(finalists) finalists measured")
        }
    }

    /// Ends an open line.
    func finish() {
        if hasOpenLine { Output.draw("\n") }
        hasOpenLine = false
    }

    /// Units a second since the state began; 0 while unknown.
    private func rate(of done: Int) -> Double {
        guard let begun else {
            begun = .now
            firstStep = done
            return 0
        }
        let seconds =
            Double(begun.duration(to: .now).components.seconds)
            + Double(begun.duration(to: .now).components.attoseconds) * 1e-18
        return seconds > 0.5 ? Double(done - firstStep) / seconds : 0
    }

    /// Shows how much is done: a bar that takes what the line has left, on a terminal.
    private func update(_ before: String, _ done: Int, _ all: Int, _ after: String, isLast: Bool) {
        let now = ContinuousClock.now
        let pause = Duration.seconds(isTerminal ? 0.1 : plainSeconds)
        if let lastShown, lastShown.duration(to: now) < pause, !isLast { return }
        lastShown = now
        if isTerminal {
            let width = terminalWidth - 1
            let room = width - before.count - after.count
            let text = before + (room >= Self.leastBarWidth ? bar(done, all, width: room) : "") + after
            Output.draw("\r\u{1B}[2K" + String(text.prefix(width)))
            hasOpenLine = true
            if isLast { finish() }
        } else {
            Output.draw(before + after.drop { $0 == " " } + "\n")
        }
    }

    private func line(_ text: String) {
        finish()
        Output.tell(text)
    }

    private static let leastBarWidth = 10

    private func bar(_ done: Int, _ all: Int, width: Int) -> String {
        let inner = width - 2
        let full = all == 0 ? inner : min(inner, Int(Double(done) / Double(all) * Double(inner)))
        return "[" + String(repeating: "#", count: full) + String(repeating: ".", count: inner - full) + "]"
    }

    private var terminalWidth: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 20 else { return 80 }
        return Int(size.ws_col)
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
