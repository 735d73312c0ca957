internal import Foundation
internal import SearchSpaces
public import Supernets
public import Tensors

/// A checkpoint as a file, of whichever run: what its header says, and the weights in it.
///
/// Whoever goes on training takes all of it by `Trainer.restore`; this is for those who want the weights alone.
public struct CheckpointFile {
    /// The key of the header in the file's metadata.
    static let metadataKey = "nasd-checkpoint"
    private static let weightsPrefix = "weights."

    /// What the file says of itself.
    public let header: CheckpointHeader
    let reader: SafetensorsReader

    /// Reads a file and its header.
    ///
    /// - Throws: `TensorFileError`, or `TrainingError.damagedCheckpoint` for a header that is not understood.
    public init(_ file: String) throws {
        reader = try SafetensorsReader(file: file)
        guard let text = reader.metadata[Self.metadataKey] else {
            throw TensorFileError.foreign(file: file, reason: "it is no checkpoint of nasd")
        }
        guard let header = try? JSONDecoder().decode(CheckpointHeader.self, from: Data(text.utf8)) else {
            throw TrainingError.damagedCheckpoint(file: file, reason: "its header is not understood")
        }
        guard header.format == CheckpointHeader.format else {
            throw TensorFileError.foreign(
                file: file, reason: "its format is \(header.format), this version reads \(CheckpointHeader.format)")
        }
        self.header = header
    }

    /// Checks that the file is of a run.
    ///
    /// - Throws: `TrainingError.foreignCheckpoint`.
    func check(_ fingerprints: Fingerprints) throws(TrainingError) {
        for (what, expected, found) in [
            ("space", fingerprints.space, header.fingerprints.space),
            ("run", fingerprints.run, header.fingerprints.run), ("data", fingerprints.data, header.fingerprints.data),
        ] where expected != found {
            throw .foreignCheckpoint(file: reader.file, what: what, expected: expected, found: found)
        }
    }

    /// Holds the file against its digest.
    ///
    /// - Throws: `TrainingError.damagedCheckpoint`.
    public func checkDigest() throws(TrainingError) {
        var hash = CheckpointHeader.hash(
            step: header.step, rateFactor: header.rateFactor, numerics: header.numerics, search: header.search,
            sampler: header.sampler, results: header.results, multiplyAdds: header.multiplyAdds,
            kept: header.kept)
        reader.forEach { name, bytes in
            hash.combine(name)
            hash.combine(words: bytes)
        }
        guard hash.hexadecimal == header.digest else {
            throw TrainingError.damagedCheckpoint(
                file: reader.file, reason: "its digest is not that of its contents")
        }
    }

    /// Copies the trained parameters, once the file was held against its digest.
    ///
    /// - Parameter values: Parameters of the supernet, in its trained layout.
    /// - Throws: `TrainingError.damagedCheckpoint`, or `TensorFileError.mismatch` for the weights of another network.
    public func readWeights(of supernet: any Supernet, into values: FloatBuffer) throws {
        try checkDigest()
        let entries = supernet.trainedLayout.entries
        let found = reader.names.count { $0.hasPrefix(Self.weightsPrefix) }
        guard found == entries.count else {
            throw TensorFileError.mismatch(
                file: reader.file, tensor: "all", expected: "\(entries.count) parameters", found: "\(found)")
        }
        for entry in entries { try reader.read(Self.weightsPrefix + entry.name, into: entry.view(of: values)) }
    }
}
