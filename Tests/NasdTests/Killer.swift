import Foundation
import Store
import TestSupport
import Testing

/// Starts a run and kills it with SIGKILL, again and again.
struct Killer {
    /// The moment that a kill is aimed at.
    enum Target: String, CaseIterable {
        /// Started again, the data directory locked, and nothing told yet: the daemon is not ready before.
        case starting
        case training
        /// A half-written checkpoint is there.
        case checkpoint
        case searching, validating, anytime
    }

    /// Kills between two completions, few enough that a run gets somewhere.
    private static let killsOfOneRun = 20

    private let victim: any KillVictim
    private var scene: SmallRun { victim.scene }
    private var generator: SeededGenerator
    /// What the store acknowledged before the last kill.
    private var candidates = 0
    private var lastEvent = 0
    /// Half-written checkpoints of earlier kills, which must not be taken for new ones.
    private var leftovers: Set<String> = []

    private init(_ victim: any KillVictim, generator: SeededGenerator) {
        self.victim = victim
        self.generator = generator
    }

    /// Kills so many times, one run after the other.
    ///
    /// - Parameter check: Gets every run once it has completed.
    static func kill<Victim: KillVictim>(
        _ kills: Int, seed: UInt64, _ make: () throws -> Victim, check: (Victim, inout KillLog) throws -> Void
    ) throws -> KillLog {
        var log = KillLog()
        var generator = SeededGenerator(seed)
        while log.kills.count < kills {
            let victim = try make()
            var killer = Killer(victim, generator: generator)
            try killer.complete(kills: min(killsOfOneRun, kills - log.kills.count), log: &log)
            generator = killer.generator
            try check(victim, &log)
        }
        return log
    }

    /// Kills the run so many times, or until it is over, and lets it complete.
    private mutating func complete(kills: Int, log: inout KillLog) throws {
        // The end comes last: kills while finalists are measured.
        let last = (kills + 3) / 4
        let cycle = victim.targets
        for number in 0..<kills {
            let isLate = number >= kills - last
            let target = isLate ? .validating : cycle[number % cycle.count]
            // Spread over the run: what a checkpoint holds differs from round to round.
            let step = isLate ? 0 : SmallRun.stepsToKill * number / (kills - last)
            let workers = Int.random(in: 1...3, using: &generator)
            let program = try victim.start(workers: workers)
            try aim(at: target, fromStep: step, program)
            program.send(SIGKILL)
            let outcome = program.wait()
            scene.expectNoOrphan()
            guard outcome.code == -SIGKILL else {
                // It was over before the moment came.
                try #require(outcome.code == 0, "\(outcome.error)")
                break
            }
            guard let kill = look(program, workers: workers) else { break }
            log.kills.append(kill)
        }
        try victim.finish(workers: Int.random(in: 1...3, using: &generator))
    }

    /// Waits for the moment, or for the end of the program or of the run.
    private mutating func aim(at target: Target, fromStep step: Int, _ program: Program) throws {
        // At once now and then: what is written just after the event must not be lost.
        let delay = Bool.random(using: &generator) ? UInt32.random(in: 0...20_000, using: &generator) : 0
        switch target {
        case .anytime: usleep(UInt32.random(in: 0...600_000, using: &generator))
        case .starting:
            let isStarted = SmallRun.waitUntil { !program.isRunning || scene.lastOwner == program.identifier }
            try #require(isStarted, "it takes no lock\n\(program.error)")
            usleep(UInt32.random(in: 0...200_000, using: &generator))
        case .checkpoint, .training, .searching, .validating:
            let known = lastEvent
            // Closed before the kill, so that nobody but the next start repairs the database.
            var reader: RunReader?
            let isThere = SmallRun.waitUntil {
                if !program.isRunning { return true }
                if reader == nil { reader = try? RunReader(DataDirectory(reading: scene.output)) }
                guard let reader, let stored = try? reader.runs(limit: 1).first,
                    let status = try? reader.status(of: stored.id)
                else { return false }
                if status.run.state.isEnded { return true }
                if target == .checkpoint { return newHalfWritten.contains { Self.step(of: $0) >= step } }
                // A new event: the program is past its start and really in the state.
                return status.lastEvent > known && status.run.state.rawValue == target.rawValue
                    && status.run.step >= step
            }
            try #require(isThere, "the run does not come to \(target)\n\(program.error)")
            if target != .checkpoint { usleep(delay) }
        }
    }

    /// What the kill left; nil when the run was over.
    private mutating func look(_ program: Program, workers: Int) -> KillLog.Kill? {
        guard let status = try? scene.status() else {
            #expect(lastEvent == 0, "a run that was there is gone")
            return .init(state: "none", step: 0, phase: "before the run", workers: workers)
        }
        #expect(status.candidates >= candidates && status.lastEvent >= lastEvent, "something acknowledged is gone")
        let isSilent = status.lastEvent == lastEvent
        (candidates, lastEvent) = (status.candidates, status.lastEvent)
        let torn = newHalfWritten
        leftovers.formUnion(torn)
        let state = status.run.state
        guard !state.isEnded else { return nil }
        let phase =
            if !torn.isEmpty {
                Target.checkpoint.rawValue
            } else if isSilent, [.training, .searching, .validating].contains(state) {
                // A run in these states tells that it was recovered before anything else.
                scene.lastOwner == program.identifier ? Target.starting.rawValue : "launching"
            } else {
                state.rawValue
            }
        return .init(state: state.rawValue, step: status.run.step, phase: phase, workers: workers)
    }

    /// Half-written checkpoints that no earlier kill left.
    private var newHalfWritten: [String] {
        scene.checkpoints.filter { !leftovers.contains($0) && Self.step(of: $0) >= 0 }
    }

    /// The step of a half-written checkpoint; -1 for other files.
    private static func step(of file: String) -> Int {
        file.firstMatch(of: /\/step-([0-9]+)\.safetensors\.nasd-part-.{6}$/).flatMap { Int($0.1) } ?? -1
    }
}
