public import Runs
public import SearchSpaces

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
