internal import Runs
internal import SearchSpaces
internal import Store
internal import Synchronization

/// The run files of runs as they were parsed last, and the metrics that follow from them and their spaces: reading one costs a
/// millisecond, and a status shows dozens.
final class SpecificationCache: Sendable {
    private struct Entry {
        let yaml: String
        let parsed: RunSpecification
        var metrics: RunMetrics?
    }

    private let entries = Mutex<[RunID: Entry]>([:])
    private static let most = 128

    /// The settings of a run.
    func specification(of run: StoredRun) throws -> RunSpecification {
        if let known = entries.withLock({ $0[run.id] }), known.yaml == run.draft.runYAML { return known.parsed }
        let parsed = try run.specification()
        entries.withLock {
            if $0.count >= Self.most { $0.removeAll() }
            $0[run.id] = Entry(yaml: run.draft.runYAML, parsed: parsed)
        }
        return parsed
    }

    /// What a run's candidates may have values of; its space never changes.
    func metrics(of run: StoredRun) throws -> RunMetrics {
        if let known = entries.withLock({ $0[run.id]?.metrics }) { return known }
        _ = try specification(of: run)
        let metrics = try run.metrics()
        entries.withLock { $0[run.id]?.metrics = metrics }
        return metrics
    }
}
