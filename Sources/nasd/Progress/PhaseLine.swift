internal import Coordinator
internal import Documents
internal import Foundation
internal import Runs
internal import SearchSpaces
internal import Store
internal import UserFiles

/// The line of the phase that goes on, and when it is due.
struct PhaseLine {
    private let isDrawn = TerminalLine.isPossible
    private static let plainSeconds = 15.0, drawnSeconds = 0.1
    private var begun: ContinuousClock.Instant?
    private var firstStep = 0
    private var lastShown: ContinuousClock.Instant?
    private var best: Double?
    private var losses = ProgressText.Course()
    /// Whether the line that is drawn only says what goes on.
    private var isBare = false

    /// Shows one piece of progress.
    mutating func show(_ progress: RunProgress) {
        switch progress {
        case .notice(let text): line("note: \(text)")
        case .warning(let text): line("warning: \(text)")
        case .recovered, .recorded: break
        case .state(let state): begin(state.rawValue)
        case .trained(let step, let all, let loss):
            losses.add(loss)
            let found = Self.found(best, rank: 3)
            update("training", step, all, unit: "steps/s", left: "left in training") { speed in
                [.init(text: "loss \(ProgressDisplay.text(loss))", rank: 1)] + speed + found
            }
        case .executed(let multiplyAdds):
            line("trained with \(ShortNumber.counted(Double(multiplyAdds))) multiply-adds (\(multiplyAdds))")
        case .searched(let round, let done, let all, let value):
            best = value
            update("searching", done, all, left: "left in the round") { speed in
                [.init(text: "round \(round)", rank: 3)] + Self.found(value, rank: 1) + speed
            }
        case .finalist(let candidate, let stage, let step, let all):
            update("training", step, all) { speed in
                [.init(text: "candidate \(candidate), \(stage.rawValue)", rank: 1)] + speed
            }
        case .validated(let part, let finalists): line("\(part) of \(finalists) finalists measured")
        }
    }

    /// Shows how many pictures are decoded: the only reading that takes long.
    mutating func decoded(_ done: Int, of all: Int) {
        if done == 0 {
            finish()
            begun = nil
            // Where nothing is drawn, only what takes long is worth a line.
            lastShown = isDrawn ? nil : .now
        }
        if isDrawn || done < all { update("decoding pictures", done, all, left: "left in reading") { $0 } }
    }

    /// Leaves the line that is drawn as it is.
    mutating func finish() {
        if isBare { TerminalLine.erase() } else { TerminalLine.leave() }
        isBare = false
    }

    /// Another phase begins, of which nothing more is known yet.
    private mutating func begin(_ phase: String) {
        finish()
        begun = nil
        lastShown = nil
        guard isDrawn else { return Output.tell(phase) }
        TerminalLine.show { _ in phase }
        isBare = true
    }

    private static func found(_ best: Double?, rank: Int) -> [ProgressText.Fact] {
        best.map { [.init(text: "best \(ProgressDisplay.text($0))", rank: rank)] } ?? []
    }

    /// Units a second since the phase began; 0 while unknown.
    private mutating func rate(of done: Int) -> Double {
        guard let begun else {
            begun = .now
            firstStep = done
            return 0
        }
        let seconds = begun.duration(to: .now) / .seconds(1)
        return seconds > 0.5 ? Double(done - firstStep) / seconds : 0
    }

    /// Shows how much of a phase is done, where it is time to.
    ///
    /// - Parameters:
    ///   - unit: What its speed is told in; nil where it is not.
    ///   - left: What stands behind the time that is left; nil where that is not told.
    ///   - facts: What is known of it, from what its speed tells.
    private mutating func update(
        _ title: String, _ done: Int, _ all: Int, unit: String? = nil, left: String? = nil,
        _ facts: ([ProgressText.Fact]) -> [ProgressText.Fact]
    ) {
        let rate = rate(of: done), now = ContinuousClock.now, isLast = done == all
        let pause = Duration.seconds(isDrawn ? Self.drawnSeconds : Self.plainSeconds)
        if let lastShown, lastShown.duration(to: now) < pause, !isLast { return }
        lastShown = now
        var speed: [ProgressText.Fact] = []
        if rate > 0 {
            if let unit { speed.append(.init(text: "\(String(format: "%.1f", rate)) \(unit)", rank: 5)) }
            if let left {
                speed.append(.init(text: "\(ProgressDisplay.duration(Double(all - done) / rate)) \(left)", rank: 2))
            }
        }
        let text = ProgressText(
            title: title, done: done, all: all, facts: facts(speed), course: unit == nil ? .init() : losses)
        guard isDrawn else { return Output.tell(text.plain) }
        isBare = false
        TerminalLine.show(text.text)
        if isLast { finish() }
    }

    /// Tells something, above the line that is drawn.
    private func line(_ text: String) { Output.tell(text) }
}
