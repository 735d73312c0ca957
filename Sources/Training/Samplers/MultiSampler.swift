internal import Foundation
internal import Runs
public import SearchSpaces
internal import Tensors

/// A subnet of its own for each shard of a step, in one pass: each shard is an exact slice, gradients are summed over what any
/// of them uses, and the weights are updated once.
///
/// At first small options are drawn more often, which trains more examples for the same multiply-adds and does most for what all
/// subnets share; the lean falls from step to step, and in the last every option is drawn equally often.
///
/// Where it is asked to, it learns what each option adds to the loss from the losses of its shards, and some shards train the
/// most promising of three subnets of one cost.
///
/// Source: Liao et al., "Searching for Efficient Multi-Stage Vision Transformers" (ViT-ResNAS, 2021), section 3.3,
/// multi-architectural sampling, there by masks over examples; Wang et al., "AttentiveNAS: Improving Neural Architecture Search
/// via Attentive Sampling" (CVPR 2021), for the most promising of three subnets of one cost (there BestUp).
public final class MultiSampler: SubnetSampler {
    public let space: SearchSpace
    public let bins: CostBins
    private let settings: MultiSettings
    private let steps: Int
    private let shards: Int
    private let seed: UInt64
    /// What two shards train in every step.
    private let ends: [Genome]
    /// Draws by cost; nil where every decision is drawn by itself.
    private let table: CostDistribution?
    /// What it has learned and counted; nil where it learns nothing.
    private var learned: Learned?

    private struct Learned {
        var predictor: OptionPredictor
        /// What options add to the loss, as draws go by it.
        var weights: OptionWeights
        /// Subnets trained in each bin of cost since the last milestone.
        var draws: [Int]
    }

    /// ``Learned`` as a checkpoint has it.
    private struct State: Codable {
        let sums: OptionPredictor.Sums
        let weights: [Float]
        let draws: [Int]
    }

    /// Subnets of one cost of which the most promising is trained.
    private static let choices = 3
    /// Steps from one solution of what was learned to the next.
    private static let period = 20
    /// The noise of a loss of some examples in units of what an option adds to it, squared: about 0.3 beside 0.03.
    private static let ridge = 100.0
    /// What a step leaves of earlier ones: those of the last thousand count.
    private static let forgetting = 0.999

    /// Creates a sampler of a run's seed.
    ///
    /// - Parameters:
    ///   - steps: Training steps of the run.
    ///   - shards: Parts of a batch, at least one.
    init(space: SearchSpace, settings: MultiSettings, steps: Int, shards: Int, seed: UInt64) {
        self.space = space
        self.settings = settings
        self.steps = steps
        self.shards = shards
        self.seed = seed
        bins = CostBins(space, count: CostBins.usualCount)
        ends = settings.hasEnds ? [space.largest, space.smallest] : []
        table = settings.draw == .bins || settings.best > 0 ? CostDistribution(space, bins: bins) : nil
        restart()
    }

    public func restart() {
        guard settings.best > 0 else { return }
        learned = Learned(
            predictor: OptionPredictor(space, ridge: Self.ridge, forgetting: Self.forgetting),
            weights: OptionWeights(space.decisions), draws: [Int](repeating: 0, count: bins.count))
    }

    /// The largest subnet is in no step's batch as a whole.
    public var teacher: TeacherPlace { .forward }

    // MARK: Drawing

    /// One draw: a subnet for each shard, the ends first, then the most promising ones.
    public func draws(step: Int) -> [SubnetDraw] {
        var generator = CounterGenerator(seed: seed, stream: .subnet, step: UInt64(step))
        let kept = ends.prefix(shards), free = shards - kept.count
        let promising = Int((settings.best * Double(free)).rounded()), lean = settings.lean(step: step, of: steps)
        let even = settings.draw == .even ? space.evenGenomes(free, lean: lean, using: &generator) : []
        return [
            SubnetDraw(
                ofShards: kept
                    + (0..<free).map { place in
                        let first = even.isEmpty ? subnet(lean: lean, using: &generator) : even[place]
                        return place < promising ? mostPromising(beside: first, using: &generator) : first
                    })
        ]
    }

    private func subnet(lean: Double, using generator: inout CounterGenerator) -> Genome {
        if settings.draw == .bins, let table {
            // A bin without architectures passes its turn on.
            for _ in 0..<8 * bins.count {
                if let genome = table.draw(Int.random(in: 0..<bins.count, using: &generator), using: &generator) {
                    return genome
                }
            }
        }
        return settings.lean == 1
            ? space.randomGenome(using: &generator) : space.randomGenome(lean: lean, using: &generator)
    }

    /// The one of the least expected loss among a subnet and others that cost within 1 % as much; the first of equal ones.
    private func mostPromising(beside first: Genome, using generator: inout CounterGenerator) -> Genome {
        guard let table, let learned else { return first }
        let cost = space.cost(of: first, by: bins.metric)
        let others = (1..<Self.choices).compactMap { _ in
            table.draw(costing: cost - cost / 100...cost + cost / 100, using: &generator)
        }
        var best = first, least = space.score(first, by: learned.weights)
        for genome in others {
            let score = space.score(genome, by: learned.weights)
            if score < least { (best, least) = (genome, score) }
        }
        return best
    }

    // MARK: Learning

    public func note(_ genome: Genome, step: Int) {
        learned?.draws[bins.bin(of: space.cost(of: genome, by: bins.metric))] += 1
    }

    /// Learns what options add to the loss, within the step: what its examples and the time of training add cancels.
    public func learn(step: Int, genomes: [Genome], losses: [Double]) {
        learned?.predictor.learn(genomes, losses: losses)
        if let predictor = learned?.predictor, (step + 1) % Self.period == 0 { learned?.weights = predictor.weights }
    }

    /// The architecture of the least expected loss that meets a budget.
    public func genome(within budget: CostBudget) -> Genome? {
        guard let learned, CostDistribution.counts(space, by: budget.metric) else { return nil }
        var gain = learned.weights
        for index in gain.values.indices { gain.values[index].negate() }
        return TiltedDistribution(space, by: budget.metric, tilt: gain).best(costing: budget.window)
    }

    // MARK: State

    public var state: String? {
        guard let learned else { return nil }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let state = State(sums: learned.predictor.sums, weights: learned.weights.values, draws: learned.draws)
        // Numbers that are not finite never enter the learned.
        return (try? encoder.encode(state)).map { String(decoding: $0, as: UTF8.self) }
    }

    public func restore(_ state: String?) -> Bool {
        guard var now = learned else { return state == nil }
        guard let state, let decoded = try? JSONDecoder().decode(State.self, from: Data(state.utf8)),
            decoded.draws.count == bins.count, decoded.weights.count == now.weights.values.count,
            now.predictor.restore(decoded.sums)
        else { return false }
        now.weights.values = decoded.weights
        now.draws = decoded.draws
        learned = now
        return true
    }

    /// How often bins were drawn; where it learns, as counted when it drew.
    public func statistics(of steps: Range<Int>) -> [SamplerStatistic] {
        learned.map { drawStatistics($0.draws, step: steps.upperBound) } ?? redrawn(steps)
    }

    public func forgetStatistics() { learned?.draws = [Int](repeating: 0, count: bins.count) }
}
