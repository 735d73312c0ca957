internal import Foundation
internal import Store
internal import Tensors
internal import Training

/// `manifest.json`: with what a run was computed.
struct Manifest: Codable {
    let run: String
    let fingerprints: Fingerprints
    let numerics: String
    let blas: String
    let processors: Int

    init(_ run: RunID, fingerprints: Fingerprints, kernels: Kernels) {
        self.run = run.text
        self.fingerprints = fingerprints
        numerics = Numerics.fingerprint(kernels)
        blas = kernels.blas.configuration
        processors = ProcessInfo.processInfo.activeProcessorCount
    }

    /// Writes it, and the resolved run file, into the run's folder.
    func write(runYAML: String, to folder: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        try AtomicFile.write(try encoder.encode(self), to: folder + "/manifest.json")
        try AtomicFile.write(runYAML.utf8, to: folder + "/run.yaml")
    }
}
