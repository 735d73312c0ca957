internal import Coordinator
internal import Daemon
internal import Dispatch
internal import Foundation
internal import SearchSpaces
internal import Store
internal import Synchronization

/// Writes what a run in the foreground is at to its log and to standard error, whenever SIGUSR2 asks: on a thread of its own, so that
/// it is told of a run that stands still, too.
final class RunDump {
    private let record: Record
    private let source: any DispatchSourceSignal

    /// Waits for the signal from here on.
    init(_ session: RunSession) {
        let record = Record(session)
        self.record = record
        signal(SIGUSR2, SIG_IGN)
        source = DispatchSource.makeSignalSource(signal: SIGUSR2, queue: .global(qos: .userInitiated))
        source.setEventHandler { record.write() }
        source.activate()
    }

    deinit { source.cancel() }

    /// Notes how far the run is.
    func take(_ progress: RunProgress) { record.take(progress) }
}

/// How far a run is, as it was told last.
private final class Record: Sendable {
    private struct State {
        var phase = "preparing"
        var figures: [String: String] = [:]
        var last = ContinuousClock.now
    }

    private let session: RunSession
    private let state = Mutex(State())
    private let begun = ContinuousClock.now

    init(_ session: RunSession) { self.session = session }

    func take(_ progress: RunProgress) {
        state.withLock { state in
            state.last = .now
            switch progress {
            case .state(let new): state.phase = new.rawValue
            case .recovered(let step): state.figures["step"] = "\(step)"
            case .trained(let step, let all, let loss):
                state.figures["step"] = "\(step)"
                state.figures["steps"] = "\(all)"
                state.figures["loss"] = "\(loss)"
            case .searched(let round, let evaluations, let all, let best):
                state.figures["round"] = "\(round)"
                state.figures["evaluations"] = "\(evaluations) of \(all)"
                state.figures["best"] = best.map { "\($0)" }
            case .finalist(let candidate, let stage, let step, let all):
                state.figures["finalist"] = "\(candidate), \(stage.rawValue), step \(step) of \(all)"
            case .notice, .warning, .recorded, .executed, .validated: break
            }
        }
    }

    func write() {
        let now = ContinuousClock.now
        var fields = state.withLock { state in
            state.figures.merging([
                "state": state.phase, "secondsSinceProgress": "\((now - state.last).components.seconds)",
            ]) { $1 }
        }
        fields["secondsUp"] = "\((now - begun).components.seconds)"
        fields["residentBytes"] = "\(ProcessFigures.residentBytes)"
        fields["descriptors"] = "\(ProcessFigures.openDescriptors)"
        fields["threads"] = "\(ProcessFigures.threads)"
        fields["database"] = session.store.outage ?? "in order"
        fields["walBytes"] = "\(ProcessFigures.size(of: session.store.directory.databasePath + "-wal"))"
        session.log("state", fields)
        Output.tell(
            "state: " + fields.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " "))
    }
}
