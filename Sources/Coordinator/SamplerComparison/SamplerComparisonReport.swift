public import SearchSpaces
internal import Store

/// What a comparison of samplers comes to.
public struct SamplerComparisonReport: Sendable {
    /// The trials and trainings of an arm.
    public struct Arm: Sendable {
        /// The name of the arm.
        public let name: String
        /// Its trials; none where there was nothing to choose.
        public let trials: [SamplerRecord]
        /// A training for each seed, in their order.
        public let records: [SamplerRecord]
    }

    /// A metric on a part of the data: means of the arms, and the differences of the later ones to the first.
    public struct Table: Sendable {
        /// The part.
        public let part: EvaluationPart
        /// The metric.
        public let metric: Metric
        /// For each arm the mean over seeds in each bin of ``SamplerComparisonReport/filledBins``, then over these bins.
        public let means: [[Double]]
        /// For each arm but the first its differences to the first, paired by seed, in the same order.
        public let differences: [[PairedDifference]]
    }

    /// The arms, that which others are compared with first.
    public let arms: [Arm]
    /// The bins of cost.
    public let bins: CostBins
    /// The bins that have subnets.
    public let filledBins: [Int]
    /// The metrics of subnets, the loss first.
    public let metrics: [Metric]

    init(arms: [Arm], panel: SubnetPanel, metrics: [Metric]) {
        self.arms = arms
        self.metrics = metrics
        bins = panel.bins
        filledBins = Set(panel.draws.map(\.bin)).sorted()
    }

    /// The parts that subnets were measured on.
    public var parts: [EvaluationPart] {
        let known = arms.first?.records.first?.scores.first?.values ?? [:]
        return EvaluationPart.allCases.filter { known[$0.rawValue] != nil }
    }

    /// All tables, part by part.
    public var tables: [Table] { parts.flatMap { part in metrics.map { table($0, on: part) } } }

    private func table(_ metric: Metric, on part: EvaluationPart) -> Table {
        let columns = filledBins.map(Optional.some) + [nil]
        func values(_ arm: Arm, _ bin: Int?) -> [Double] {
            arm.records.map { $0.mean(metric.name, on: part.rawValue, bin: bin) }
        }
        let first = columns.map { bin in arms.first.map { values($0, bin) } ?? [] }
        return Table(
            part: part, metric: metric,
            means: arms.map { arm in
                columns.map { bin in values(arm, bin).reduce(0, +) / Double(arm.records.count) }
            },
            differences: arms.dropFirst().map { arm in
                zip(columns, first).map { bin, first in
                    PairedDifference(zip(values(arm, bin), first).map { $0 - $1 })
                }
            })
    }
}

extension SamplerComparisonReport {
    /// All trainings as CSV: a row for each arm, seed and bin with the means of its subnets; the same bytes whatever machine and
    /// interruptions there were, but for kernels that round differently.
    public func csv() -> [UInt8] {
        let csv = CSVWriter(), parts = parts
        func column(_ part: EvaluationPart, _ metric: Metric) -> String {
            part.rawValue + metric.name.prefix(1).uppercased() + metric.name.dropFirst()
        }
        let header =
            [
                "arm", "seed", "bin", "fromMultiplyAdds", "toMultiplyAdds", "subnets", "rate", "batch", "steps",
                "multiplyAdds",
            ]
            + parts.flatMap { part in metrics.map { column(part, $0) } }
        var bytes = csv.record(header.map { .symbol($0) })
        for arm in arms {
            for record in arm.records {
                for bin in filledBins {
                    let edges = [-0.5, 0.5].map { (bins.target(bin) + $0 * bins.width).rounded() }
                    var fields: [CSVField] = [
                        .symbol(arm.name), .integer(record.seed), .integer(bin + 1), .number(edges[0]),
                        .number(edges[1]),
                        .integer(record.scores.count { $0.bin == bin }), .number(record.rate), .integer(record.batch),
                        .integer(record.steps), .integer(record.multiplyAdds),
                    ]
                    for part in parts {
                        fields += metrics.map { .number(record.mean($0.name, on: part.rawValue, bin: bin)) }
                    }
                    bytes += csv.record(fields)
                }
            }
        }
        return bytes
    }
}
