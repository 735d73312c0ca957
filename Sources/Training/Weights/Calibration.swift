public import Datasets
public import Runs
internal import SearchSpaces
internal import Supernets
internal import Tensors

/// The examples that norms over examples are measured on before subnets are evaluated: a fixed list of training examples,
/// unchanged, and so a part of what a measurement means.
public struct Calibration: Sendable {
    /// For whom statistics are measured.
    public enum Use: Sendable, Hashable {
        /// Candidates of a search, on fewer examples.
        case search
        /// Finalists, and networks that are handed over.
        case finalists
    }

    let examples: any Examples
    private let order: [Int32]
    private let extent: CalibrationExtent
    /// What was measured on them.
    let known = KnownStatistics()

    /// Takes some of the examples that are trained on, in an order of their own: the same for any seed of a run with one split.
    public init(examples: any Examples, trained: [Int32], extent: CalibrationExtent) {
        self.examples = examples
        self.extent = extent
        order = Split.calibration(max(extent.search, extent.finalists), of: trained)
    }

    /// The examples for a use, as many as there are.
    func indices(for use: Use) -> ArraySlice<Int32> {
        switch use {
        case .search: order.prefix(extent.search)
        case .finalists: order.prefix(extent.finalists)
        }
    }
}

/// Where the norms over examples of subnets that are evaluated take their statistics from; networks without such norms need
/// none.
public enum EvaluationStatistics: Sendable {
    /// The parameters have them.
    case parameters
    /// Each chunk of examples is normalised by its own moments: enough to compare subnets on the same chunks.
    case chunks
    /// They are measured for each subnet.
    case calibrated(Calibration)
}

/// Pooled moments of norms over the chunks of a calibration: a function of the subnet, its weights and the list of examples.
///
/// Chunks are summed in some runs of a fixed number, each in order, and the runs in order: the same bits for any number of
/// workers.
final class PooledMoments {
    /// Runs that chunks are summed in, and so workers that are of use.
    static let runs = 8

    private let plan: NormPlan
    private let sums: [UnsafeMutableBufferPointer<Double>]
    private let examples: Int

    init(_ plan: NormPlan, examples: Int) {
        self.plan = plan
        self.examples = examples
        sums = (0..<Self.runs).map { _ in
            let room = UnsafeMutableBufferPointer<Double>.allocate(capacity: plan.valueCount)
            room.initialize(repeating: 0)
            return room
        }
    }

    deinit { for room in sums { room.deallocate() } }

    /// The chunks of a run, of so many in all.
    static func chunks(ofRun run: Int, of count: Int) -> Range<Int> { count * run / runs..<count * (run + 1) / runs }

    /// Adds a chunk of so many examples to a run, whose chunks come in order.
    func add(_ values: UnsafeMutableBufferPointer<Double>, examples: Int, toRun run: Int) {
        let share = Double(examples) / Double(self.examples), sum = sums[run]
        for norm in plan.norms {
            let means = norm.offset..<norm.offset + norm.channels
            for place in means {
                let mean = values[place]
                sum[place] += share * mean
                sum[place + norm.channels] += share * (values[place + norm.channels] + mean * mean)
            }
        }
    }

    /// Means and variances over all examples.
    func statistics() -> [Float] {
        var totals = [Double](repeating: 0, count: plan.valueCount)
        for room in sums { for place in totals.indices { totals[place] += room[place] } }
        for norm in plan.norms {
            for place in norm.offset..<norm.offset + norm.channels {
                let mean = totals[place]
                totals[place + norm.channels] = max(0, totals[place + norm.channels] - mean * mean)
            }
        }
        return totals.map(Float.init)
    }
}
