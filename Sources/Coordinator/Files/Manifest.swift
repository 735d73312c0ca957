internal import Foundation
internal import SearchSpaces
internal import Store
internal import Tensors
internal import Training

/// `manifest.json`: with what a run was computed.
struct Manifest: Codable {
    let version: String
    let run: String
    let fingerprints: Fingerprints
    let numerics: String
    let blas: String
    let processor: String
    let cores: Int

    init(_ run: RunID, fingerprints: Fingerprints, kernels: Kernels) {
        version = ProductVersion.text
        self.run = run.text
        self.fingerprints = fingerprints
        numerics = Numerics.fingerprint(kernels)
        blas = kernels.blas.configuration
        processor = Self.processorName
        cores = ProcessInfo.processInfo.activeProcessorCount
    }

    private static var processorName: String {
        let lines = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.split(separator: "\n") ?? []
        return lines.first { $0.hasPrefix("model name") }?.split(separator: ":").last
            .map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
    }

    /// Writes it, and the resolved run file, into the run's folder.
    func write(runYAML: String, to folder: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        try AtomicFile.write(try encoder.encode(self), to: folder + "/manifest.json")
        try AtomicFile.write(runYAML.utf8, to: folder + "/run.yaml")
    }
}
