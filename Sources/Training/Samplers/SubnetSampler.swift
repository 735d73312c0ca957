package import Runs
public import SearchSpaces
public import Tensors

/// Decides which subnets a training step trains, and learns from what they bring where it can.
///
/// What it draws is a function of the step and of its state, which a checkpoint holds, so that a resumed run draws what it
/// would have drawn. Whoever only draws has ``draws(step:)`` and the defaults.
public protocol SubnetSampler: AnyObject {
    /// The space that it draws from.
    var space: SearchSpace { get }
    /// The bins of cost that its draws are told in.
    var bins: CostBins { get }

    /// The subnets of a step, in the order in which they are trained.
    func draws(step: Int) -> [SubnetDraw]
    /// Where the teacher of a distillation is among its draws.
    var teacher: TeacherPlace { get }
    /// Whether channels are sorted before a step.
    func sortsChannels(before step: Int) -> Bool

    // MARK: Learning

    /// Counts a subnet that a step trained last, for ``statistics(of:)``.
    func note(_ genome: Genome, step: Int)
    /// Takes what a masked pass told: the gradient of the task's loss by the option weights of its subnet.
    func learn(step: Int, options: OptionWeights)
    /// Takes what a pass of several subnets told: the mean loss of each on the examples of its shard.
    func learn(step: Int, genomes: [Genome], losses: [Double])
    /// Whether ``update(step:probe:)`` is due after so many steps.
    func isUpdateDue(_ step: Int) -> Bool
    /// Measures on held-out examples and learns from it.
    func update(step: Int, probe: any SamplerProbe) throws

    // MARK: State

    /// Goes back to the beginning.
    func restart()
    /// What it has learned beside its tensors, as JSON; nil for nothing.
    var state: String? { get }
    /// Takes what ``state`` was; false where that is not understood.
    func restore(_ state: String?) -> Bool
    /// What it has learned as tensors, by the names that checkpoints keep them under.
    var tensors: [(name: String, values: FloatBuffer)] { get }

    // MARK: Telling

    /// What it did in some steps that were just done; of a sampler that counts, since ``forgetStatistics()``.
    func statistics(of steps: Range<Int>) -> [SamplerStatistic]
    /// Begins to count anew.
    func forgetStatistics()
    /// Architectures that it holds for good.
    var picks: [Genome] { get }
    /// The architecture that it holds for best within a budget, without measuring any; nil where it has learned none.
    func genome(within budget: CostBudget) -> Genome?
}

/// What one pass of a step trains: a subnet, or one of each shard.
public struct SubnetDraw: Sendable, Equatable {
    /// The subnet of all shards, or one for each shard.
    public let genomes: [Genome]
    /// Whether its pass runs at full width under masks, from which the sampler learns.
    public let isMasked: Bool

    /// Creates a draw; by default of a pass over its own slices.
    public init(genome: Genome, isMasked: Bool = false) {
        genomes = [genome]
        self.isMasked = isMasked
    }

    /// Creates a draw of a subnet for each shard.
    public init(ofShards genomes: [Genome]) {
        self.genomes = genomes
        isMasked = false
    }
}

/// Subnets whose every decision is drawn uniformly, for any sampler that draws some so: a function of seed and step.
struct UniformDraws: Sendable {
    let space: SearchSpace
    let seed: UInt64

    /// The first so many of a step.
    func draws(_ count: Int, step: Int) -> [SubnetDraw] {
        var generator = CounterGenerator(seed: seed, stream: .subnet, step: UInt64(step))
        return (0..<count).map { _ in SubnetDraw(genome: space.randomGenome(using: &generator)) }
    }
}

/// Where the teacher of a distillation is among the draws of a sampler.
public enum TeacherPlace: Sendable {
    /// There is none.
    case none
    /// The first draw is the largest subnet.
    case first
    /// The largest subnet has to be added, and is trained with the others.
    case added
    /// The largest subnet has to be run forward, and is trained where it is drawn.
    case forward
}

/// Measures subnets on held-out examples, for samplers that learn.
public protocol SamplerProbe {
    /// Mean losses of genomes by chunk of examples, with the weights as they are.
    ///
    /// - Parameter part: Which part of the held-out examples; the same ones each time.
    func losses(_ genomes: [Genome], part: Int) throws -> [[Double]]

    /// The gradients of the held-out loss by the option weights of a genome: with the weights as they are, and with those
    /// that were last remembered.
    func optionGradients(_ genome: Genome, part: Int) throws -> (now: OptionWeights, before: OptionWeights)

    /// Keeps the weights as they are for the next ``optionGradients(_:part:)``.
    func rememberWeights()
}

/// One number about the sampler at a step, such as how often a bin was drawn.
public struct SamplerStatistic: Sendable, Hashable, Codable {
    /// Steps done when it was taken.
    public let step: Int
    /// What it is.
    public let name: String
    /// The bin or other place that it is of; 0 for one of the whole.
    public let bin: Int
    /// The number.
    public let value: Double
}

extension SubnetSampler {
    /// Whether what it draws is a function of the step and of how many there are, whatever is learned.
    var isFixed: Bool { state == nil && tensors.isEmpty }

    /// The subnets of a step.
    public func genomes(step: Int) -> [Genome] { draws(step: step).flatMap(\.genomes) }

    public var teacher: TeacherPlace { .none }
    public func sortsChannels(before step: Int) -> Bool { false }
    public func note(_ genome: Genome, step: Int) {}
    public func learn(step: Int, options: OptionWeights) {}
    public func learn(step: Int, genomes: [Genome], losses: [Double]) {}
    public func isUpdateDue(_ step: Int) -> Bool { false }
    public func update(step: Int, probe: any SamplerProbe) throws {}
    public func restart() {}
    public var state: String? { nil }
    public func restore(_ state: String?) -> Bool { true }
    public var tensors: [(name: String, values: FloatBuffer)] { [] }
    public func forgetStatistics() {}
    public var picks: [Genome] { [] }
    public func genome(within budget: CostBudget) -> Genome? { nil }

    /// How often some steps drew each bin.
    public func statistics(of steps: Range<Int>) -> [SamplerStatistic] { redrawn(steps) }

    /// What drawing some steps again counts in each bin.
    func redrawn(_ steps: Range<Int>) -> [SamplerStatistic] {
        var counts = [Int](repeating: 0, count: bins.count)
        for step in steps {
            for genome in genomes(step: step) { counts[bins.bin(of: space.cost(of: genome, by: bins.metric))] += 1 }
        }
        return drawStatistics(counts, step: steps.upperBound)
    }

    func drawStatistics(_ counts: [Int], step: Int) -> [SamplerStatistic] {
        counts.enumerated().map {
            SamplerStatistic(step: step, name: "draws", bin: $0.offset, value: Double($0.element))
        }
    }
}

extension SamplerChoice {
    /// The sampler of a run: a new kind is a line here.
    ///
    /// - Parameters:
    ///   - steps: Training steps of the run.
    ///   - shards: Parts of a batch.
    ///   - seed: The run's seed.
    ///   - measured: What its bins are of, of an architecture, where ``SamplerSettings/measured(in:)`` says that it has to be measured.
    /// - Throws: `TrainingError.noSampler` for a kind that has settings alone.
    package func sampler(
        in space: SearchSpace, steps: Int, shards: Int, seed: UInt64, kernels: any Backend,
        measured: ((Genome) -> Double?)? = nil
    ) throws(TrainingError) -> any SubnetSampler {
        switch settings {
        case is UniformSettings: UniformSampler(space: space, seed: seed)
        case let own as SandwichSettings: SandwichSampler(space: space, seed: seed, random: own.random)
        case let own as MultiSettings:
            MultiSampler(space: space, settings: own, steps: steps, shards: shards, seed: seed)
        case let own as ShrinkingSettings:
            ShrinkingSampler(space: space, settings: own, steps: steps, shards: shards, seed: seed)
        case let own as ShiftSettings:
            ShiftSampler(
                space: space, settings: own, steps: steps, seed: seed, kernels: kernels, measured: measured)
        default: throw .noSampler(kind: kind)
        }
    }
}
