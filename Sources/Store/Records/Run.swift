public import Documents
public import Runs
public import SearchSpaces

/// The identity of a run: 12 lower-case base32 characters.
public struct RunID: Sendable, Hashable, CustomStringConvertible {
    /// The characters.
    public let text: String

    static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567")
    static let length = 12

    /// Reads an id; nil when it is not 12 lower-case base32 characters.
    public init?(_ text: String) {
        guard text.count == Self.length, Self.isPrefix(text) else { return nil }
        self.text = text
    }

    init(stored text: String) { self.text = text }

    /// Draws an id.
    public static func random(using generator: inout some RandomNumberGenerator) -> RunID {
        RunID(stored: String((0..<length).map { _ in alphabet[Int(generator.next() >> 59)] }))
    }

    /// The id's characters.
    public var description: String { text }

    static func isPrefix(_ text: String) -> Bool {
        text.count <= length && text.allSatisfy { ("a"..."z").contains($0) || ("2"..."7").contains($0) }
    }
}

/// A run as lists show it: everything but its documents.
public struct RunRow: Sendable, Hashable {
    /// Its identity.
    public let id: RunID
    /// Its name; several runs may share one.
    public let name: String
    /// Where it is.
    public let state: RunState
    /// What a user wants of it.
    public let desired: RunIntent
    /// When it was handed in.
    public let created: Timestamp
    /// When its row last changed.
    public let updated: Timestamp
    /// The last training step told.
    public let step: Int
    /// Why it failed, when it did.
    public let failure: String?
    /// Larger is sooner in the queue.
    public let priority: Int
    /// What lists show of its settings; nil where its document cannot be read any more.
    public let summary: RunSummary?
}

/// A run as it is handed in.
public struct RunDraft: Sendable, Hashable {
    /// Its name; several runs may share one.
    public var name: String
    /// The seed.
    public var seed: UInt64
    /// The resolved run file.
    public var runYAML: String
    /// The resolved space file.
    public var spaceYAML: String
    /// Fingerprints of space, run and data, as JSON.
    public var fingerprints: String
    /// The fingerprint of the numerics: kernels, vector path, and a digest of what they compute.
    public var numerics: String
    /// The names of the metrics that it declares, fixed when it begins: what later versions declare beside them is no part
    /// of it, so that its candidates and its CSV stay the same bytes. Nil for a run of a version that noted none.
    public var metrics: [String]?

    /// A draft of settings and a space, in the form in which they are stored.
    public init(_ specification: RunSpecification, space: SearchSpace) {
        self.init(
            name: specification.name, seed: UInt64(specification.seed), runYAML: specification.resolvedYAML,
            spaceYAML: space.resolvedYAML, metrics: RunMetrics(specification, space: space).all.map(\.name))
    }

    /// Creates a draft.
    public init(
        name: String, seed: UInt64, runYAML: String, spaceYAML: String, fingerprints: String = "{}",
        numerics: String = "", metrics: [String]? = nil
    ) {
        self.name = name
        self.seed = seed
        self.runYAML = runYAML
        self.spaceYAML = spaceYAML
        self.fingerprints = fingerprints
        self.numerics = numerics
        self.metrics = metrics
    }
}

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
        try StoredDocument.specification(draft.runYAML, name: "run \(row.id)", overrides: overrides)
    }

    /// The space, from the form in which it is stored.
    ///
    /// - Throws: `DocumentError.invalidFile` for a document that no version of this program wrote.
    public func space() throws(DocumentError) -> SearchSpace {
        try StoredDocument.space(draft.spaceYAML, name: "space of run \(row.id)")
    }

    /// The metrics that its candidates may have values of: what its documents declare, of what it noted when it began.
    ///
    /// - Throws: `DocumentError.invalidFile` for a document that no version of this program wrote.
    public func metrics() throws(DocumentError) -> RunMetrics {
        guard let names = draft.metrics else { return .ofEarlierRuns }
        return RunMetrics(try specification(), space: try space()).only(names)
    }
}

/// A run with its counts; costs the same for ten candidates as for a million.
public struct RunStatus: Sendable, Hashable {
    /// The run.
    public let run: RunRow
    /// How many candidates were asked for.
    public let candidates: Int
    /// The sequence number of the newest event.
    public let lastEvent: Int
    /// The newest round, when there is one.
    public let round: Int?
    /// The evaluations of the newest round.
    public let evaluations: Int
    /// The hypervolume of the newest round, when known.
    public let hypervolume: Double?
}

/// What makes a repeated submission recognisable: the caller's key and a digest of what was handed in.
public struct Submission: Sendable, Hashable {
    /// The caller's key.
    public var key: String
    /// A digest of the document and its options.
    public var digest: String

    /// Creates a submission.
    public init(key: String, digest: String) {
        self.key = key
        self.digest = digest
    }
}

/// Reads documents in the form in which they are stored: the one place that does.
enum StoredDocument {
    static func specification(
        _ yaml: String, name: String = "run", overrides: [(key: String, value: String)] = []
    ) throws(DocumentError) -> RunSpecification {
        try RunSpecification.parse(yaml: yaml, file: name, overrides: overrides, origin: .store)
    }

    static func space(_ yaml: String, name: String = "space") throws(DocumentError) -> SearchSpace {
        try SearchSpace.parse(yaml: yaml, file: name, origin: .store)
    }
}
