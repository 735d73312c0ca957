internal import Runs
internal import SearchSpaces
internal import Store
internal import Synchronization

/// The run files of runs as they were parsed last: reading one costs a millisecond, and a status shows dozens.
final class SpecificationCache: Sendable {
    private let entries = Mutex<[RunID: (yaml: String, parsed: RunSpecification)]>([:])
    private static let most = 128

    /// The settings of a run.
    func specification(of run: StoredRun) throws -> RunSpecification {
        if let known = entries.withLock({ $0[run.id] }), known.yaml == run.draft.runYAML { return known.parsed }
        let parsed = try run.specification()
        entries.withLock {
            if $0.count >= Self.most { $0.removeAll() }
            $0[run.id] = (run.draft.runYAML, parsed)
        }
        return parsed
    }
}
