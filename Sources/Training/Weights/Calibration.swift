public import Datasets
internal import SearchSpaces
internal import Supernets
internal import Tensors

/// The examples that norms over examples are measured on before subnets are evaluated: a fixed list, and so a part of what a
/// measurement means.
public struct Calibration: Sendable {
    /// How many, where there are as many: with 512 the accuracy of MNIST's networks is within 0.15 points of that with more.
    public static let samples = 512

    let examples: any Examples
    let indices: [Int32]

    /// Takes training examples, unchanged.
    public init(examples: any Examples, indices: [Int32]) {
        self.examples = examples
        self.indices = indices
    }

    /// Some of the examples that a data set trains on; the same for any seed of a run with one split.
    public init(of dataset: any Dataset) {
        self.init(
            examples: dataset.trainingExamples,
            indices: Split.calibration(Self.samples, of: dataset.split.train))
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
