internal import Foundation
internal import Store

/// What is finished of a comparison of samplers, in the file `comparison.json` of its folder.
struct SamplerComparisonFile: Sendable, Equatable, Codable {
    private static let currentFormat = "nasd-sampler-comparison/1"

    private let format: String
    /// Trials and trainings in the order in which they were finished.
    var records: [SamplerRecord] = []

    private init() { format = Self.currentFormat }

    /// The record of a key.
    subscript(key: String) -> SamplerRecord? { records.first { $0.key == key } }

    static func path(_ directory: String) -> String { directory + "/comparison.json" }

    /// Reads the file of a folder; an empty one where there is none.
    ///
    /// - Throws: ``SamplerComparisonError/damagedFile(path:)``.
    static func read(_ directory: String) throws(SamplerComparisonError) -> SamplerComparisonFile {
        let path = path(directory)
        guard FileManager.default.fileExists(atPath: path) else { return SamplerComparisonFile() }
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        guard let data = FileManager.default.contents(atPath: path),
            let file = try? decoder.decode(Self.self, from: data), file.format == currentFormat
        else { throw .damagedFile(path: path) }
        return file
    }

    /// Writes the file, complete or not at all.
    func write(to directory: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        // Losses of weights that diverged.
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        try AtomicFile.write(try encoder.encode(self), to: Self.path(directory))
    }
}

/// A finished trial or training of an arm.
public struct SamplerRecord: Sendable, Equatable, Codable {
    /// What a subnet scored.
    public struct Score: Sendable, Equatable, Codable {
        /// The bin of cost that it was drawn from.
        public let bin: Int
        /// The architecture, as in results.csv.
        public let genome: String
        /// Metrics by their names, by the part of the data.
        public let values: [String: [String: Double]]
    }

    /// What the result depends on, as a digest.
    let key: String
    /// The text of the arm.
    public let arm: String
    /// Whether it was a trial, of which figures tell nothing.
    public let isTrial: Bool
    /// The seed of weights, batches and draws.
    public let seed: Int
    /// Greatest learning rate of the settings.
    public let rate: Double
    /// Examples of a step.
    public let batch: Int
    /// Steps of the learning rate's schedule.
    public let plannedSteps: Int
    /// Steps that were trained.
    public let steps: Int
    /// Multiply-adds that these executed, what the sampler measured included.
    public let multiplyAdds: Int
    /// Share of the rate that was left after the training diverged, or 1.
    public let rateFactor: Double
    /// Seconds of training on the machine that did it.
    public let seconds: Double
    /// Kernels, as a run's manifest names them.
    public let numerics: String
    /// Its subnets in the order of the panel; none of a trial that diverged.
    public let scores: [Score]

    /// The mean of a metric over the subnets of a bin, or over the means of all bins that have some; not a number without any.
    public func mean(_ metric: String, on part: String, bin: Int? = nil) -> Double {
        let bins = bin.map { [$0] } ?? Set(scores.map(\.bin)).sorted()
        let means = bins.map { bin in
            let own = scores.filter { $0.bin == bin }.map { $0.values[part]?[metric] ?? .nan }
            return own.reduce(0, +) / Double(own.count)
        }
        return means.reduce(0, +) / Double(means.count)
    }
}
