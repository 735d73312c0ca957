import Foundation
import Store
import TestSupport
import Testing

/// Starts a run and kills it with SIGKILL, again and again.
struct Killer {
    /// The moment that a kill is aimed at.
    enum Target: String, CaseIterable {
        case training, checkpoint, searching, validating, anytime
    }

    private let run: SmallRun
    private let steps: Int
    private(set) var generator: SeededGenerator
    /// What the store acknowledged before the last kill.
    private var candidates = 0
    private var lastEvent = 0
    /// Half-written checkpoints of earlier kills, which must not be taken for new ones.
    private var leftovers: Set<String> = []

    /// - Parameter steps: The training steps of the run.
    init(_ run: SmallRun, steps: Int, generator: SeededGenerator) {
        self.run = run
        self.steps = steps
        self.generator = generator
    }

    /// Kills the run so many times, or until it is over, and lets it complete.
    mutating func complete(kills: Int, log: inout KillLog) throws {
        // The end comes last: kills while finalists are measured.
        let last = (kills + 3) / 4
        let cycle: [Target] = [.training, .checkpoint, .searching, .anytime]
        for number in 0..<kills {
            let isLate = number >= kills - last
            let target = isLate ? .validating : cycle[number % cycle.count]
            // Spread over the run: what a checkpoint holds differs from round to round.
            let step = isLate ? 0 : steps * number / (kills - last)
            let workers = Int.random(in: 1...3, using: &generator)
            let program = try Program(run.arguments + ["--workers", "\(workers)"])
            aim(at: target, fromStep: step, program)
            program.send(SIGKILL)
            let outcome = program.wait()
            guard outcome.code == -SIGKILL else {
                // It was over before the moment came.
                try #require(outcome.code == 0, "\(outcome.error)")
                return
            }
            try log.kills.append(look(workers: workers))
        }
        let outcome = try run.run("--workers", "\(Int.random(in: 1...3, using: &generator))")
        try #require(outcome.code == 0, "\(outcome.error)")
    }

    /// Waits for the moment, or for the program's end.
    private mutating func aim(at target: Target, fromStep step: Int, _ program: Program) {
        let delay = UInt32.random(in: 0...20_000, using: &generator)
        switch target {
        case .anytime: usleep(UInt32.random(in: 0...600_000, using: &generator))
        case .checkpoint:
            _ = SmallRun.waitUntil { !program.isRunning || newHalfWritten.contains { Self.step(of: $0) >= step } }
        case .training, .searching, .validating:
            let known = lastEvent
            // Closed before the kill, so that nobody but the next start repairs the database.
            var reader: RunReader?
            _ = SmallRun.waitUntil {
                if !program.isRunning { return true }
                if reader == nil { reader = try? RunReader(DataDirectory(reading: run.output)) }
                guard let reader, let stored = try? reader.runs(limit: 1).first,
                    let status = try? reader.status(of: stored.id)
                else { return false }
                // A new event: the program is past its start and really in the state.
                return status.lastEvent > known && status.run.state.rawValue == target.rawValue
                    && status.run.step >= step
            }
            usleep(delay)
        }
    }

    /// What the kill left.
    private mutating func look(workers: Int) throws -> KillLog.Kill {
        guard let status = try? run.status() else {
            #expect(lastEvent == 0, "a run that was there is gone")
            return .init(phase: "before the run", step: 0, workers: workers)
        }
        #expect(status.candidates >= candidates && status.lastEvent >= lastEvent, "something acknowledged is gone")
        let isStarting = status.lastEvent == lastEvent
        (candidates, lastEvent) = (status.candidates, status.lastEvent)
        let torn = newHalfWritten
        leftovers.formUnion(torn)
        let phase = !torn.isEmpty ? Target.checkpoint.rawValue : isStarting ? "starting" : status.run.state.rawValue
        return .init(phase: phase, step: status.run.step, workers: workers)
    }

    /// Half-written checkpoints that no earlier kill left.
    private var newHalfWritten: [String] {
        run.checkpoints.filter { !leftovers.contains($0) && Self.step(of: $0) >= 0 }
    }

    /// The step of a half-written checkpoint; -1 for other files.
    private static func step(of file: String) -> Int {
        file.firstMatch(of: /\/step-([0-9]+)\.safetensors\.nasd-part-.{6}$/).flatMap { Int($0.1) } ?? -1
    }
}
