internal import Foundation
internal import Runs
internal import SearchSpaces
internal import Supernets
internal import Tensors

/// A checkpoint is a safetensors file: parameters under their dotted names with the prefix `weights.`, the optimiser's
/// moments as flat tensors with the prefix `optimizer.`, the sampler's with the prefix `sampler.`, the weights that the trainer
/// remembers as `remembered`, and a ``CheckpointHeader`` as JSON under the metadata key `nasd-checkpoint`. Everything the
/// next step depends on is in it; random numbers need only the step.
extension Trainer {
    private static let remembered = "remembered"
    /// The name of the same tensor in files of earlier versions, where it looked like one of the sampler's.
    private static let earlierRemembered = "sampler.weights"

    /// Whether every trained parameter is finite; a state that is not must not become a checkpoint.
    public var isFinite: Bool {
        kernels.isFinite(values.whole) && sampler.tensors.allSatisfy { kernels.isFinite($0.values.whole) }
    }

    /// The header of the state as it is.
    public func checkpointHeader(
        fingerprints: Fingerprints, numerics: String, search: String?, results: String? = nil
    ) -> CheckpointHeader {
        let sampler = sampler.state
        return CheckpointHeader(
            format: CheckpointHeader.format, step: step, rateFactor: rateFactor, fingerprints: fingerprints,
            numerics: numerics, search: search, sampler: sampler, results: results, multiplyAdds: multiplyAdds,
            digest: digest(
                step: step, rateFactor: rateFactor, numerics: numerics, search: search, sampler: sampler,
                results: results, multiplyAdds: multiplyAdds))
    }

    /// Hands out the bytes of a checkpoint.
    public func writeCheckpoint<Failure: Error>(
        _ header: CheckpointHeader, _ sink: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        var writer = SafetensorsWriter(metadata: [CheckpointFile.metadataKey: header.json])
        for (name, view) in tensors() { writer.add(name, view) }
        try writer.write(sink)
    }

    /// Takes the state of a checkpoint file.
    ///
    /// - Parameter fingerprints: Those of the run, which the checkpoint must have.
    /// - Returns: The checkpoint's header.
    /// - Throws: `TensorFileError` or `TrainingError` when the file is torn, damaged or of another run; the trainer's
    ///   state is then undefined until another checkpoint is taken or training restarts.
    public func restore(
        from file: String, fingerprints: Fingerprints
    ) throws -> CheckpointHeader {
        let checkpoint = try CheckpointFile(file)
        let reader = checkpoint.reader, header = checkpoint.header
        try checkpoint.check(fingerprints)
        guard (0...settings.steps).contains(header.step), header.rateFactor > 0, header.rateFactor.isFinite,
            header.multiplyAdds ?? 0 >= 0
        else {
            throw TrainingError.damagedCheckpoint(
                file: file, reason: "its step, rate factor or multiply-adds are out of range")
        }
        let isEarlier = !reader.names.contains(Self.remembered)
        let tensors = tensors(isEarlier: isEarlier)
        for (name, view) in tensors { try reader.read(name, into: view) }
        let found = digest(
            step: header.step, rateFactor: header.rateFactor, numerics: header.numerics, search: header.search,
            sampler: header.sampler, results: header.results, multiplyAdds: header.multiplyAdds, isEarlier: isEarlier)
        guard reader.names.count == tensors.count, found == header.digest else {
            throw TrainingError.damagedCheckpoint(file: file, reason: "its digest is not that of its contents")
        }
        guard sampler.restore(header.sampler) else {
            throw TrainingError.damagedCheckpoint(file: file, reason: "its sampler's state is not understood")
        }
        step = header.step
        rateFactor = header.rateFactor
        multiplyAdds = header.multiplyAdds
        return header
    }

    /// All that is kept, under its names.
    ///
    /// - Parameter isEarlier: Whether names are those of earlier versions.
    func tensors(isEarlier: Bool = false) -> [(name: String, view: MatrixView)] {
        let remembered = isEarlier ? Self.earlierRemembered : Self.remembered
        return supernet.trainedLayout.entries.map { entry in
            ("weights." + entry.name, entry.view(of: values))
        }
            + optimizer.moments.map { moment in
                ("optimizer." + moment.name, moment.values.whole)
            }
            + sampler.tensors.map { ("sampler." + $0.name, $0.values.whole) }
            + [rememberedValues].compactMap { $0 }.map { (remembered, $0.whole) }
    }

    /// The digest of all tensors and of what the header says of the state.
    ///
    /// - Parameter isEarlier: Whether names are those of earlier versions.
    func digest(
        step: Int, rateFactor: Double, numerics: String, search: String?, sampler: String?, results: String?,
        multiplyAdds: Int? = nil, isEarlier: Bool = false
    ) -> String {
        var hash = CheckpointHeader.hash(
            step: step, rateFactor: rateFactor, numerics: numerics, search: search, sampler: sampler, results: results,
            multiplyAdds: multiplyAdds)
        for (name, view) in tensors(isEarlier: isEarlier) {
            hash.combine(name)
            view.withBytes { hash.combine(words: $0) }
        }
        return hash.hexadecimal
    }
}
