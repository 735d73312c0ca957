internal import Datasets
internal import Foundation
internal import Runs
internal import Search
internal import SearchSpaces
internal import Store
public import Tensors

/// The latencies of a run: known of every architecture, or timed on this machine as candidates come.
///
/// What is timed is kept in `latency.csv` of the run's folder. An architecture is timed once in a run, on whatever weights it is
/// asked for, and a kill takes a second of it at most. Its latency is the ratio to the reference, times what the reference took beside the
/// first record.
final class RunLatency {
    /// How they come about, as in the column `latencyKind`.
    let kind: LatencySource.Kind
    /// What is known of every architecture; nil where they are timed.
    let known: KnownLatencies?
    private let source: LatencySource
    private let space: SearchSpace
    private let path: String
    private let kernels: Kernels
    private let control: RunControl
    private var collection: LatencyCollection?

    /// Nil for a run without latencies of its own.
    ///
    /// - Parameter folder: The run's.
    init?(_ inputs: RunInputs, folder: String, kernels: Kernels, control: RunControl) {
        guard let source = inputs.specification.latency else { return nil }
        self.source = source
        kind = source.kind
        known = inputs.latencies
        space = inputs.space
        path = folder + "/latency.csv"
        self.kernels = kernels
        self.control = control
    }

    /// The latencies of genomes in milliseconds, nil of those of which nothing is known; nil when asked to stop.
    func milliseconds(of genomes: [Genome]) throws -> [Double?]? {
        if let known { return genomes.map(known.milliseconds) }
        guard try time(genomes, reference: nil) else { return nil }
        return milliseconds(inFile: genomes, reference: collection?.own.records.first?.comparison?.milliseconds)
    }

    /// The latencies of finalists, timed on this machine; nil when asked to stop, and none where they are not predicted for it.
    func timed(_ finalists: [Genome]) throws -> [Double?]? {
        guard isPredictedHere, let file = known?.file, let reference = file.records.first?.comparison?.reference else {
            return []
        }
        guard try time(finalists, reference: space.genome(text: reference)) else { return nil }
        return milliseconds(inFile: finalists, reference: file.referenceMilliseconds)
    }

    /// Whether predictions are for this machine, as it is.
    var isPredictedHere: Bool {
        known?.kind == .predicted && known?.device == LatencyDevice.here(kernels, settings: settings)
    }

    /// How far the reference is from what it took when the predictor's records were made, as a share; nil where it was not timed.
    var drift: Double? {
        guard let before = known?.file?.referenceMilliseconds, let now = collection?.own.referenceMilliseconds else {
            return nil
        }
        return now / before - 1
    }

    private var settings: LatencySettings { LatencySettings(source) }

    private func time(_ genomes: [Genome], reference: Genome?) throws -> Bool {
        var collection =
            try self.collection
            ?? {
                let meter = try LatencyMeter(space, settings: settings, reference: reference, kernels: kernels)
                // Whether another device may go on is asked where the run's numerics are.
                return try LatencyCollection(meter, of: space, called: space.name, to: path, allowsDeviceChange: true)
            }()
        let control = control
        defer { self.collection = collection }
        return try collection.measure(genomes, shouldStop: { control.isAsked })
    }

    private func milliseconds(inFile genomes: [Genome], reference: Double?) -> [Double?] {
        let records = Dictionary((collection?.own.records ?? []).map { ($0.genome, $0) }) { first, _ in first }
        return genomes.map { records[space.canonical($0)]?.milliseconds(whereReferenceTakes: reference) }
    }
}

extension LatencySettings {
    /// How a run measures.
    init(_ source: LatencySource) {
        self.init(batch: source.batch, threads: source.threads, turns: source.turns)
    }
}

extension RunInputs {
    /// What the bits of the run's results depend on besides settings, space and data: kernels, and the device whose latencies it
    /// searches by.
    public func numerics(_ kernels: Kernels) -> String {
        let numerics = Numerics.fingerprint(kernels, for: space)
        guard let source = specification.latency else { return numerics }
        let device =
            source.kind == .measured
            ? LatencyDevice.here(kernels, settings: LatencySettings(source)) : latencies?.device
        return "\(numerics), latency \(source.kind.rawValue) for '\(device ?? "a device that nobody named")'"
    }
}

/// How the predicted latencies of a run did on the machine that they were for.
public struct LatencyCheck: Sendable, Hashable {
    /// A candidate that was timed.
    public struct Row: Sendable, Hashable {
        /// The candidate's number.
        public let candidate: Int
        /// The architecture, as in results.csv.
        public let genome: String
        /// What was predicted, in milliseconds.
        public let predicted: Double
        /// Between which ends it was expected.
        public let interval: ClosedRange<Double>
        /// What was timed.
        public let measured: Double
        /// Whether that lies between.
        public var isInside: Bool { interval.contains(measured) }
    }

    /// The candidates, in ask order.
    public let rows: [Row]
    /// The share of architectures that intervals were to hold.
    public let level: Double

    /// How many lie within their interval.
    public var inside: Int { rows.count(where: \.isInside) }

    /// Nil where nothing was timed that had been predicted.
    init?(_ results: [CandidateResult], _ inputs: RunInputs) {
        guard let known = inputs.latencies, known.kind == .predicted else { return nil }
        rows = results.compactMap { result in
            guard let measured = result.measurement(.latency(MeasurementKind.timed))?.value,
                let predicted = result.value(of: .latencyMilliseconds),
                let interval = known.interval(of: result.candidate.genome)
            else { return nil }
            return Row(
                candidate: result.candidate.number, genome: result.candidate.genomeText, predicted: predicted,
                interval: interval, measured: measured)
        }
        level = inputs.specification.latency?.level ?? 0
        if rows.isEmpty { return nil }
    }

    /// In a line.
    public var text: String {
        "\(inside) of \(rows.count) finalists, timed again here, lie within their interval of "
            + "\(String(format: "%g", 100 * level)) %"
    }

    /// The rows as CSV.
    var csv: [UInt8] {
        let csv = CSVWriter()
        let columns = ["candidate", "genome", "predicted", "low", "high", "measured", "inside"]
        return csv.record(columns.map { .symbol($0) })
            + rows.flatMap { row in
                csv.record([
                    .integer(row.candidate), .symbol(row.genome), .number(row.predicted),
                    .number(row.interval.lowerBound), .number(row.interval.upperBound), .number(row.measured),
                    .boolean(row.isInside),
                ])
            }
    }
}
