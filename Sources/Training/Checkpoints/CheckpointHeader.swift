internal import Foundation
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
    /// What a worker has kept of a training of its own; nil where this program trains.
    public internal(set) var kept: KeptState?
    /// The digest of all tensors and of the fields above, the fingerprints aside.
    public let digest: String

    /// As a file has it: texts, whole numbers and a finite number, which always encode.
    var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// The digest of a state, before the first tensor is taken in.
    static func hash(
        step: Int, rateFactor: Double, numerics: String, search: String?, sampler: String?, results: String?,
        multiplyAdds: Int?, kept: KeptState? = nil
    ) -> StableHash {
        var hash = StableHash()
        hash.combine("\(step) \(rateFactor) \(numerics) \(search ?? "none")")
        if let sampler { hash.combine(sampler) }
        if let results { hash.combine("results \(results)") }
        if let multiplyAdds { hash.combine("multiplyAdds \(multiplyAdds)") }
        if let kept { hash.combine("kept \(kept.name) \(kept.bytes) \(kept.sha256)") }
        return hash
    }
}

/// A file in which a worker has kept what its next step depends on.
public struct KeptState: Sendable, Hashable, Codable {
    /// Its name in the folder of such files.
    public let name: String
    /// Its size.
    public let bytes: Int
    /// The SHA-256 of its bytes in hexadecimal digits.
    public let sha256: String

    /// Creates the note of a file.
    package init(name: String, bytes: Int, sha256: String) {
        (self.name, self.bytes, self.sha256) = (name, bytes, sha256)
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
