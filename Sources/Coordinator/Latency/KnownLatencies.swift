internal import Datasets
internal import Foundation
public import Runs
internal import Search
public import SearchSpaces
internal import Synchronization

/// What a run knows of the latency of every architecture before anything is measured: by a predictor, a table of blocks or a
/// table of networks.
///
/// A value is a function of the bytes of the files and of the architecture alone.
final class KnownLatencies: Sendable {
    /// How they come about.
    let kind: LatencySource.Kind
    /// The device that they are of, in words; nil where nobody said.
    let device: String?
    /// A digest of the bytes of the files.
    let digest: String
    /// What a person may want to know of them.
    let remark: String
    /// The ends of what is known.
    let range: ClosedRange<Double>
    /// The file that predictions are learned from; nil for tables.
    let file: LatencyFile?
    private let way: Way
    private let space: SearchSpace
    /// What was asked before: searches of predictions ask for one architecture many times.
    private let remembered = Mutex<[Genome: Double]>([:])

    private static let mostRemembered = 1 << 17

    private enum Way: Sendable {
        case predictor(IntervalPredictor)
        case blocks(BlockLatencies)
        case networks([Genome: Double])
    }

    /// Reads the files of a run and holds them against its space.
    ///
    /// - Throws: `LatencyError`, `DatasetError` or `RunError`.
    init(_ source: LatencySource, of space: SearchSpace, in folder: DataFolder) throws {
        kind = source.kind
        self.space = space
        var hash = StableHash()
        for file in source.files {
            try RecordSource(csv: [file], join: nil, missing: []).forEachPiece(in: folder) { hash.combine(words: $0) }
        }
        digest = hash.hexadecimal
        if !source.blocks.isEmpty {
            let blocks = try BlockLatencies(source, of: space, in: folder)
            way = .blocks(blocks)
            device = source.device
            file = nil
            range = 0...max(blocks.most, .leastNormalMagnitude)
            remark = "latency: sums over \(source.blocks.count) blocks, at most \(Self.text(blocks.most)) ms"
            return
        }
        guard let name = source.files.first else { throw LatencyError.noFile }
        guard source.files.count == 1 else { throw LatencyError.severalTables(files: source.files) }
        let file = try LatencyFile(name, of: space, in: folder).only(source.device)
        let values = file.milliseconds
        device = file.devices.first.flatMap { $0.isEmpty ? nil : $0 } ?? source.device
        self.file = file
        let told = "of \(file.records.count) architectures on '\(device ?? "a device that nobody named")'"
        guard source.kind == .predicted else {
            way = .networks(Dictionary(zip(file.records.map(\.genome), values)) { first, _ in first })
            range = (values.min() ?? 0)...(values.max() ?? 1)
            remark = "latency: a table \(told), \(Self.text(range.lowerBound)) to \(Self.text(range.upperBound)) ms"
            return
        }
        guard
            let predictor = IntervalPredictor(
                file.records.map(\.genome), values: values, in: space, level: source.level)
        else {
            throw LatencyError.fewRecords(
                file: name, found: file.records.count, needed: IntervalPredictor.leastRows(level: source.level))
        }
        way = .predictor(predictor)
        range = 0...max(values.max() ?? 0, predictor.prediction(of: space.canonical(space.largest)).value)
        remark =
            "latency: predicted by those \(told), within \(String(format: "%.1f", 100 * predictor.halfWidth)) % for "
            + "\(String(format: "%g", 100 * source.level)) % of architectures"
    }

    /// The latency of an architecture in milliseconds; nil where nothing is known.
    func milliseconds(of genome: Genome) -> Double? {
        let genome = space.canonical(genome)
        switch way {
        case .networks(let known): return known[genome]
        case .blocks(let blocks): return blocks.milliseconds(of: genome)
        case .predictor(let predictor):
            if let known = remembered.withLock({ $0[genome] }) { return known }
            let value = predictor.prediction(of: genome).value
            remembered.withLock { known in
                if known.count >= Self.mostRemembered { known.removeAll(keepingCapacity: true) }
                known[genome] = value
            }
            return value
        }
    }

    /// Between which ends the latency of an architecture is expected; nil where it is not predicted.
    func interval(of genome: Genome) -> ClosedRange<Double>? {
        guard case .predictor(let predictor) = way else { return nil }
        return predictor.prediction(of: space.canonical(genome)).interval
    }

    /// The metric with the ends of what is known.
    var metric: Metric {
        let metric = Metric.latencyMilliseconds
        return Metric(name: metric.name, unit: metric.unit, kind: metric.kind, goal: metric.goal, range: range)
    }

    /// The latencies as what a search knows beforehand.
    var foreseen: ForeseenMetric {
        ForeseenMetric(.latencyMilliseconds, worst: range.upperBound) { [self] in milliseconds(of: $0) }
    }

    private static func text(_ value: Double) -> String { String(format: "%.4g", value) }
}

extension LatencySource {
    /// Bytes of memory that the files of latencies take at most.
    ///
    /// - Throws: `DatasetError` for one that cannot be read.
    func memoryBytes(in folder: DataFolder) throws -> Int {
        try files.reduce(0) { sum, file in
            let size = try folder.textSize(of: file)
            return sum.plus(size.bytes.times(4)).plus(size.lines.times(1024))
        }
    }
}

/// The latencies that a run file means, without the run: what is predicted of an architecture, or looked up.
public struct LatencyLookup: Sendable {
    private let known: KnownLatencies

    /// Reads what the section `latency` names.
    ///
    /// - Parameter directory: The folder of its files; nil for the one that the run names, or the current one.
    /// - Throws: `LatencyError.nothingKnown` for a run whose latencies are measured, or that has none, and what is wrong with files.
    public init(_ specification: RunSpecification, in space: SearchSpace, directory: String?) throws {
        guard let source = specification.latency, source.kind != .measured else {
            throw LatencyError.nothingKnown(run: specification.name)
        }
        let folder = directory.map { DataFolder($0) } ?? RunInputs.folder(of: specification)
        known = try KnownLatencies(source, of: space, in: folder)
    }

    /// What the latencies are of, in words.
    public var remark: String { known.remark }

    /// The latency of an architecture in milliseconds; nil where nothing is known.
    public func milliseconds(of genome: Genome) -> Double? { known.milliseconds(of: genome) }

    /// Between which ends it is expected; nil where it is looked up.
    public func interval(of genome: Genome) -> ClosedRange<Double>? { known.interval(of: genome) }
}
