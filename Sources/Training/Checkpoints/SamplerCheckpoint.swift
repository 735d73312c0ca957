internal import SearchSpaces
internal import Tensors

/// The checkpoint of a training that a worker executes: a file as all checkpoints are, with the state of the sampler in place of
/// weights, and the name of what the worker has kept.
package struct SamplerCheckpoint {
    /// What the file says of itself.
    package let header: CheckpointHeader
    private let sampler: any SubnetSampler

    /// Takes the state of a training as it is.
    package init(
        step: Int, rateFactor: Double, _ sampler: any SubnetSampler, kept: KeptState, fingerprints: Fingerprints,
        numerics: String, search: String?, results: String?
    ) {
        self.sampler = sampler
        let state = sampler.state
        var hash = CheckpointHeader.hash(
            step: step, rateFactor: rateFactor, numerics: numerics, search: search, sampler: state, results: results,
            multiplyAdds: nil, kept: kept)
        for (name, values) in sampler.tensors {
            hash.combine("sampler." + name)
            values.whole.withBytes { hash.combine(words: $0) }
        }
        header = CheckpointHeader(
            format: CheckpointHeader.format, step: step, rateFactor: rateFactor, fingerprints: fingerprints,
            numerics: numerics, search: search, sampler: state, results: results, multiplyAdds: nil, kept: kept,
            digest: hash.hexadecimal)
    }

    /// Hands out the bytes of the file.
    package func write<Failure: Error>(
        _ sink: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        var writer = SafetensorsWriter(metadata: [CheckpointFile.metadataKey: header.json])
        for (name, values) in sampler.tensors { writer.add("sampler." + name, values.whole) }
        try writer.write(sink)
    }

    /// Gives a sampler the state of a file.
    ///
    /// - Returns: The header, which names what the worker has kept.
    /// - Throws: `TensorFileError` or `TrainingError` where the file is torn, damaged or of another run; the sampler is then to be
    ///   restarted.
    package static func restore(
        _ sampler: any SubnetSampler, from file: String, fingerprints: Fingerprints, steps: Int
    ) throws -> (header: CheckpointHeader, kept: KeptState) {
        let checkpoint = try CheckpointFile(file), header = checkpoint.header
        try checkpoint.check(fingerprints)
        try checkpoint.checkDigest()
        guard (0...steps).contains(header.step), header.rateFactor > 0, header.rateFactor.isFinite else {
            throw TrainingError.damagedCheckpoint(file: file, reason: "its step or rate factor is out of range")
        }
        guard let kept = header.kept else {
            throw TrainingError.damagedCheckpoint(file: file, reason: "it names nothing that a worker has kept")
        }
        guard checkpoint.reader.names.count == sampler.tensors.count else {
            throw TrainingError.damagedCheckpoint(file: file, reason: "its tensors are those of another sampler")
        }
        for (name, values) in sampler.tensors {
            try checkpoint.reader.read("sampler." + name, into: values.whole)
        }
        guard sampler.restore(header.sampler) else {
            throw TrainingError.damagedCheckpoint(file: file, reason: "its sampler's state is not understood")
        }
        return (header, kept)
    }
}
