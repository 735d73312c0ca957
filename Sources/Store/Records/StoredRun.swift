public import Documents
public import Runs
public import SearchSpaces

/// A run as the store knows it, with its documents.
@dynamicMemberLookup
public struct StoredRun: Sendable, Hashable {
    /// What lists show of it.
    public let row: RunRow
    /// What was handed in.
    public let draft: RunDraft
    /// The digest of all its results, once it is completed; nil before, and for runs that an earlier version completed.
    public let resultsDigest: String?

    /// What lists show of it.
    public subscript<Value>(dynamicMember path: KeyPath<RunRow, Value>) -> Value { row[keyPath: path] }

    /// The settings, from the form in which they are stored.
    ///
    /// - Throws: `DocumentError.invalidFile` for a document that no version of this program wrote.
    public func specification(
        overrides: [(key: String, value: String)] = []
    ) throws(DocumentError) -> RunSpecification {
        try RunSpecification.parse(yaml: draft.runYAML, file: "run \(row.id)", overrides: overrides, origin: .store)
    }

    /// The space, from the form in which it is stored.
    ///
    /// - Throws: `DocumentError.invalidFile` for a document that no version of this program wrote.
    public func space() throws(DocumentError) -> SearchSpace {
        try SearchSpace.parse(yaml: draft.spaceYAML, file: "space of run \(row.id)", origin: .store)
    }

    /// The metrics that its candidates may have values of: what its documents declare, of what it noted when it began.
    ///
    /// - Throws: `DocumentError.invalidFile` for a document that no version of this program wrote.
    public func metrics() throws(DocumentError) -> RunMetrics {
        guard let names = draft.metrics else { return .ofEarlierRuns }
        return RunMetrics(try specification(), space: try space()).only(names)
    }
}
