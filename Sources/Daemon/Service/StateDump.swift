internal import Coordinator
internal import Foundation
internal import Logging
internal import SearchSpaces
internal import Store
internal import Tensors

/// What the daemon is at, part by part, for its log: what SIGUSR2 asks for.
struct StateDump {
    let parts: [(name: String, fields: Logger.Metadata)]

    /// Reads from memory first: what the database tells is left out where it does not answer.
    init(_ core: DaemonCore) {
        var parts: [(String, Logger.Metadata)] = []
        func add(_ name: String, _ fields: Logger.Metadata) { parts.append((name, fields)) }
        add("readiness", ["ready": "\(Readiness(core).text.split(separator: "\n").joined(separator: " "))"])
        add(
            "process",
            [
                "version": "\(ProductVersion.text)", "pid": .stringConvertible(Int(getpid())),
                "uptimeSeconds": .stringConvertible(Int((ContinuousClock.now - core.started).components.seconds)),
                "residentBytes": .stringConvertible(ProcessFigures.residentBytes),
                "descriptors": .stringConvertible(ProcessFigures.openDescriptors),
                "threads": .stringConvertible(ProcessFigures.threads),
                "numerics": "\(Numerics.fingerprint(core.kernels))",
            ])
        add(
            "api",
            [
                "eventStreams": .stringConvertible(core.changes.count),
                "mostConnections": .stringConvertible(core.mostConnections),
                "responses": "\(core.counters.all.map { "\($0.statusClass)xx \($0.count)" }.joined(separator: " "))",
            ])
        for (id, progress) in core.scheduler.progress.sorted(by: { $0.key.text < $1.key.text }) {
            add(
                "run",
                [
                    "run": "\(id)", "at": "\(StatusLine.figures(progress))",
                    "loss": "\(progress.loss.map { "\($0)" } ?? "none")",
                    "evaluations": .stringConvertible(progress.evaluations),
                    "workers": .stringConvertible(progress.workers),
                    "secondsLeft": "\(progress.secondsLeft.map { "\(Int($0.clamped(to: 0...1e15)))" } ?? "unknown")",
                ])
        }
        for text in core.scheduler.troubleTexts { add("trouble", ["reason": "\(text)"]) }
        add(
            "database",
            [
                "bytes": .stringConvertible(ProcessFigures.size(of: core.store.directory.databasePath)),
                "walBytes": .stringConvertible(ProcessFigures.size(of: core.store.directory.databasePath + "-wal")),
                "outage": "\(core.store.outage ?? "none")",
            ])
        if core.store.outage == nil, let counts = try? core.store.runCounts() {
            add(
                "runs",
                Logger.Metadata(uniqueKeysWithValues: counts.map { ($0.key.rawValue, .stringConvertible($0.value)) }))
        }
        if core.store.outage == nil, let webhooks = try? core.store.webhooks() {
            for webhook in webhooks {
                add(
                    "webhook",
                    [
                        "id": "\(webhook.endpoint.id)", "state": "\(webhook.endpoint.state.rawValue)",
                        "pending": .stringConvertible(webhook.pending), "dead": .stringConvertible(webhook.dead),
                    ])
            }
        }
        self.parts = parts
    }

    /// Writes every part as a line.
    func write(to log: Logger) {
        for part in parts { log.notice("state", metadata: part.fields.merging(["part": "\(part.name)"]) { $1 }) }
    }
}

extension Double {
    fileprivate func clamped(to range: ClosedRange<Double>) -> Double {
        isNaN ? range.lowerBound : Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
    }
}
