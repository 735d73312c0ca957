internal import Foundation
public import Tensors

/// The device that a latency is of, in words that are the same for measurements that may be compared.
public enum LatencyDevice {
    /// This machine: processor, vector path, products, governor of its frequency, kernel, threads, examples of a batch.
    public static func here(_ kernels: Kernels, settings: LatencySettings) -> String {
        [
            Manifest.processorName, kernels.path.rawValue,
            kernels.products == .vector ? "own products" : "\(kernels.blas.coreName) products",
            "governor \(governor)", kernel, "\(settings.threads) thread\(settings.threads == 1 ? "" : "s")",
            "batch \(settings.batch)",
        ].joined(separator: ", ")
    }

    /// How the first processor's frequency is governed; `unknown` where the system does not say, as in most virtual machines.
    private static var governor: String {
        let path = "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"
        let text = (try? String(contentsOfFile: path, encoding: .utf8))?.trimmingCharacters(in: .whitespacesAndNewlines)
        return text.flatMap { $0.isEmpty ? nil : $0 } ?? "unknown"
    }

    /// The kernel with its release, such as `Linux 6.1.0-18-amd64`.
    private static var kernel: String {
        var names = utsname()
        guard uname(&names) == 0 else { return "unknown kernel" }
        func text<Field>(_ field: Field) -> String {
            withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        }
        return "\(text(names.sysname)) \(text(names.release))"
    }
}

/// How a latency is measured.
public struct LatencySettings: Sendable, Hashable {
    /// Examples of a forward pass.
    public let batch: Int
    /// Threads that share its examples out, each on a processor of its own.
    public let threads: Int
    /// How often network and reference take turns.
    public let turns: Int
    /// Passes of each before anything counts, 10 at least.
    public let warmUps: Int
    /// Timed passes of a turn, behind one that is not timed.
    static let runs = 4
    /// The share of the values that is left out at each end.
    static let trimmed = 0.1

    /// Takes the settings; a batch has an example for each thread at least.
    public init(batch: Int = 1, threads: Int = 1, turns: Int = 25, warmUps: Int = 10) {
        precondition(batch >= threads && threads >= 1 && turns >= 1 && warmUps >= 0, "a pass has examples")
        self.batch = batch
        self.threads = threads
        self.turns = turns
        self.warmUps = warmUps
    }
}
