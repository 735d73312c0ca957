internal import Foundation
public import SearchSpaces
internal import Synchronization

/// The multiply-adds that a space's subnets execute on one example, as far as the work of a training follows from them.
public struct SubnetCosts: Sendable {
    /// Of the smallest subnet.
    public let smallest: Double
    /// Of the mean of uniform draws.
    public let mean: Double
    /// Of the largest subnet.
    public let largest: Double
    private let space: SearchSpace
    private let draws: [Genome]
    private let known = Known()
    /// Costs that are told apart: enough for a mean.
    private static let mostCosts = 1 << 18
    /// Subnets whose executed share stands for that of all: it varies little between them.
    private static let mostDraws = 4096

    /// Means of bins by the number of bins, and of draws by their lean: counting a space takes long.
    private final class Known: Sendable {
        let means = Mutex<[Int: [Double?]]>([:])
        let leaning = Mutex<[Double: Double]>([:])
    }

    /// What becomes of the turns of bins that have no architectures.
    public enum EmptyBins: Sendable {
        /// The bin is drawn anew.
        case passedOn
        /// The nearest bin that has some, the cheaper of two.
        case nearest
    }

    /// Goes through the architectures of a space.
    public init(_ space: SearchSpace) {
        self.space = space
        smallest = Double(space.executedMultiplyAdds(of: space.smallest))
        largest = Double(space.executedMultiplyAdds(of: space.largest))
        draws = Self.draws(of: space)
        mean = space.meanCost(by: .multiplyAdds) * Self.executedShare(of: draws, in: space)
    }

    /// Of the mean of draws over a training whose lean goes evenly in its logarithm to 1 (Simpson's rule).
    func mean(leanFrom lean: Double) -> Double {
        zip([1.0, 4, 2, 4, 1], [1, 0.75, 0.5, 0.25, 0]).reduce(0) { $0 + $1.0 * mean(lean: pow(lean, $1.1)) } / 12
    }

    /// Of the mean of draws of every decision by ``Decision/probabilities(lean:)``.
    private func mean(lean: Double) -> Double {
        guard lean != 1 else { return mean }
        return known.leaning.withLock { known in
            if let mean = known[lean] { return mean }
            var random = FixedDraws()
            let draws = space.evenGenomes(Self.mostDraws, lean: lean, using: &random)
            let mean = space.meanCost(by: .multiplyAdds, lean: lean) * Self.executedShare(of: draws, in: space)
            known[lean] = mean
            return mean
        }
    }

    /// Every combination of options where these are few, and otherwise some at random, the same each time.
    private static func draws(of space: SearchSpace) -> [Genome] {
        let combinations = space.decisions.reduce(1) { $0.times($1.options.count) }
        guard combinations > mostDraws else { return (0..<combinations).map { combination(of: space, at: $0) } }
        var random = FixedDraws()
        return (0..<mostDraws).map { _ in space.randomGenome(using: &random) }
    }

    private static func combination(of space: SearchSpace, at place: Int) -> Genome {
        var rest = place
        return Genome(
            space.decisions.map { decision in
                defer { rest /= decision.options.count }
                return UInt8(rest % decision.options.count)
            })
    }

    /// What subnets execute as a share of what their architectures cost.
    private static func executedShare(of genomes: [Genome], in space: SearchSpace) -> Double {
        let cost = genomes.reduce(0.0) { $0 + Double(space.cost(of: $1, by: .multiplyAdds)) }
        return cost > 0 ? genomes.reduce(0.0) { $0 + Double(space.executedMultiplyAdds(of: $1)) } / cost : 1
    }

    /// The mean over bins of cost of what uniform draws within each come to; the middle of the ends where the bins are of another
    /// cost or cannot be counted.
    public func meanOfBins(_ count: Int, by metric: Metric, others: EmptyBins) -> Double {
        guard metric == .multiplyAdds, CostDistribution.counts(space, by: metric) else {
            return (smallest + largest) / 2
        }
        let means = known.means.withLock { known in
            let means = known[count] ?? executedMeans(of: CostBins(space, count: count, metric: metric))
            known[count] = means
            return means
        }
        let known = means.enumerated().compactMap { bin, mean in mean.map { (bin: bin, mean: $0) } }
        guard !known.isEmpty else { return mean }
        switch others {
        case .passedOn: return known.map(\.mean).reduce(0, +) / Double(known.count)
        case .nearest:
            let drawn = means.indices.compactMap { bin in
                known.min { (abs($0.bin - bin), $0.bin) < (abs($1.bin - bin), $1.bin) }?.mean
            }
            return drawn.reduce(0, +) / Double(count)
        }
    }
}

extension SubnetCosts {
    /// The mean over uniform draws within each bin; nil for a bin without architectures.
    private func executedMeans(of bins: CostBins) -> [Double?] {
        let drawn = Dictionary(grouping: draws) { bins.bin(of: space.cost(of: $0, by: bins.metric)) }
        return CostDistribution(space, bins: bins, most: Self.mostCosts).uniformMeans.enumerated().map { bin, mean in
            // A bin that none fell into is as all are.
            mean.map { $0 * Self.executedShare(of: drawn[bin] ?? draws, in: space) }
        }
    }
}

/// What a training executes in multiply-adds, in expectation: forward 1, backward 2, for each example of each pass, with the
/// teacher's passes and what the sampler measures. A function of run file and space alone, so the same on every machine.
///
/// Mixing the weights of experts and moving weights are not counted, nor is search.
public struct TrainingWork: Sendable {
    /// Of the space's subnets on one example.
    public let costs: SubnetCosts
    private let train: TrainSettings
    private let heldOut: Int

    /// The work of a run's training; nil for a run that trains nothing, or whose space knows no multiply-adds.
    public init?(_ specification: RunSpecification, in space: SearchSpace) {
        guard let train = specification.train, space.costs.contains(.multiplyAdds) else { return nil }
        self.train = train
        heldOut = specification.data?.holdOut.sampler ?? 0
        costs = SubnetCosts(space)
        guard costs.mean > 0 else { return nil }
    }

    /// What the steps that the run has come to; 0 as long as nobody knows how many.
    public var total: Double { work(train, steps: train.steps) }

    /// The most steps whose work is within so many multiply-adds; 0 where not even one is.
    ///
    /// Defaults that follow from the number of steps count as they are with it, so the number is found by halving.
    func steps(within multiplyAdds: Double) -> Int {
        var low = 0, high = TrainExtent.most + 1
        while high - low > 1 {
            let middle = low + (high - low) / 2
            // Whether all settings go with so few steps is told of the number that comes out.
            if work(of: middle) <= multiplyAdds { low = middle } else { high = middle }
        }
        return low
    }

    /// What a training of a single step comes to.
    var ofOneStep: Double { work(of: 1) }

    private func work(of steps: Int) -> Double { work((try? train.settled(steps: steps)) ?? train, steps: steps) }

    private func work(_ train: TrainSettings, steps: Int) -> Double {
        let sampler = train.sampler.settings, examples = Double(train.batch)
        let trained = 3 * sampler.multiplyAdds(of: costs, batch: train.batch, shards: train.shards) * examples
        var taught = 0
        if let distillation = train.distillation, distillation.weight > 0 {
            // Steps count from 0, and those from the share on are taught.
            taught = steps - Int((distillation.start * Double(steps)).rounded(.up))
        }
        let teacher = Double(sampler.teacherPasses) * costs.largest * examples
        return trained * Double(steps) + teacher * Double(taught)
            + sampler.measuring(costs, steps: steps, batch: train.batch, heldOut: heldOut)
    }
}
