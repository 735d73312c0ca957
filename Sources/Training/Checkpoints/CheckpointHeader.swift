internal import SearchSpaces

/// What a checkpoint holds beside its tensors.
public struct CheckpointHeader: Sendable, Equatable, Codable {
    /// The word that every checkpoint carries.
    public static let format = "nasd-checkpoint/1"

    /// Always ``format``.
    public let format: String
    /// Steps done.
    public let step: Int
    /// Factor of the learning rate.
    public let rateFactor: Double
    /// What the result depends on.
    public let fingerprints: Fingerprints
    /// Kernels, vector path, evaluation chunk and digest of the kernels: what the bits depend on.
    public let numerics: String
    /// The state of the search between rounds, or of whoever else trains, as JSON; nil where there is none.
    public let search: String?
    /// The state of the sampler that learns, as JSON; nil where there is none.
    public let sampler: String?
    /// What the store must hold for the run to go on from here, as JSON; nil in checkpoints of earlier versions.
    public let results: String?
    /// Multiply-adds executed so far; nil where they are not known, and in checkpoints of earlier versions.
    public internal(set) var multiplyAdds: Int?
    /// The digest of all tensors and of the fields above, the fingerprints aside.
    public let digest: String

    /// The digest of a state, before the first tensor is taken in.
    static func hash(
        step: Int, rateFactor: Double, numerics: String, search: String?, sampler: String?, results: String?,
        multiplyAdds: Int?
    ) -> StableHash {
        var hash = StableHash()
        hash.combine("\(step) \(rateFactor) \(numerics) \(search ?? "none")")
        if let sampler { hash.combine(sampler) }
        if let results { hash.combine("results \(results)") }
        if let multiplyAdds { hash.combine("multiplyAdds \(multiplyAdds)") }
        return hash
    }
}

/// What a run's result depends on, by name: a checkpoint of other fingerprints is refused.
public struct Fingerprints: Sendable, Equatable, Codable {
    /// The meaning of the space.
    public let space: String
    /// The settings of the run.
    public let run: String
    /// The bytes of the data.
    public let data: String

    /// Creates the fingerprints of a run.
    public init(space: String, run: String, data: String) {
        self.space = space
        self.run = run
        self.data = data
    }
}
