internal import Store
internal import Training

extension Trainer {
    /// Writes the training state to a file, complete or not at all.
    ///
    /// - Returns: The header, which has the digest of what was written.
    @discardableResult
    func writeCheckpoint(
        to path: String, fingerprints: Fingerprints, numerics: String, search: String?, results: String? = nil
    ) throws -> CheckpointHeader {
        let header = checkpointHeader(fingerprints: fingerprints, numerics: numerics, search: search, results: results)
        let file = try AtomicFile(path: path)
        try writeCheckpoint(header) { bytes throws(StoreError) in try file.write(bytes) }
        try file.commit()
        return header
    }
}
