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
    /// What about the data is probably not meant; earlier versions did not look.
    let warnings: [String]?

    init(_ run: RunID, fingerprints: Fingerprints, numerics: String, kernels: Kernels, warnings: [String]) {
        version = ProductVersion.text
        self.run = run.text
        self.fingerprints = fingerprints
        self.numerics = numerics
        blas = kernels.blas.configuration
        processor = Self.processorName
        cores = ProcessInfo.processInfo.activeProcessorCount
        self.warnings = warnings
    }

    /// The processor in the words of the system; `unknown` where it does not say.
    static var processorName: String {
        let lines = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.split(separator: "\n") ?? []
        return lines.first { $0.hasPrefix("model name") }?.split(separator: ":").last
            .map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
    }

    /// The manifest in a run's folder; nil where there is none, as before the run began, or none that can be read.
    init?(folder: String) {
        guard let data = FileManager.default.contents(atPath: folder + "/manifest.json"),
            let manifest = try? JSONDecoder().decode(Self.self, from: data)
        else { return nil }
        self = manifest
    }

    /// Writes it, and the resolved run file, into the run's folder.
    func write(runYAML: String, to folder: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        try AtomicFile.write(try encoder.encode(self), to: folder + "/manifest.json")
        try AtomicFile.write(runYAML.utf8, to: folder + "/run.yaml")
    }
}
