internal import Foundation
public import Runs
public import SearchSpaces
public import Tensors

/// Learns which subnets to train: draws a bin of cost by learned probabilities, and an architecture for it.
///
/// A draw is a function of (state, step). The state changes in three places only: ``learn(step:options:)`` after a step at
/// full width, ``update(step:probe:)`` every so many steps, and the counts of ``note(_:step:)``. Without a generator no step
/// runs at full width.
///
/// Source: Zhang et al., "ShiftNAS: Improving One-shot NAS via Probability Shift" (ICCV 2023), section 3.
public final class ShiftSampler: SubnetSampler {
    /// The settings.
    public let settings: ShiftSettings
    /// The bins.
    public let bins: CostBins
    /// The learned generator; nil where architectures come from the table.
    public let generator: ArchitectureGenerator?
    var learned: ShiftState
    public let space: SearchSpace
    private let table: CostDistribution?
    /// The bins of a number that the space cannot count.
    let measured: MeasuredBins?
    let seed: UInt64
    private let steps: Int
    /// Exact draws for what the generator misses; nil where costs cannot be counted. Of few megabytes: that costs which are
    /// close count as one does no harm here.
    private(set) lazy var counted: CostDistribution? =
        table
        ?? (CostDistribution.counts(space, by: bins.metric)
            ? CostDistribution(space, bins: bins, most: 1 << 18) : nil)

    /// One subnet of a step.
    struct Draw {
        let bin: Int
        /// With the choices of blocks past its depth, whose gates have gradients too.
        let genome: Genome
        let trace: ArchitectureGenerator.Trace?
    }

    // Uses of a step's Gumbel noise.
    private static let trainingUse = 0
    static let literalUse = 1
    static let literalBinUse = 2
    private static let costUse = 16
    static let binUse = 4096
    /// Draws until a subnet to be measured lies in its bin.
    static let binTries = 16

    /// Creates a sampler with equal probabilities.
    ///
    /// - Parameter measured: What bins are of, of an architecture, where the space cannot count it; draws follow from it.
    public init(
        space: SearchSpace, settings: ShiftSettings, steps: Int, seed: UInt64, kernels: any Backend,
        measured: ((Genome) -> Double?)? = nil
    ) {
        self.space = space
        self.settings = settings
        self.steps = steps
        self.seed = seed
        self.measured = measured.map {
            MeasuredBins(space, count: settings.binCount, metric: settings.metric, seed: seed, value: $0)
        }
        bins = self.measured?.bins ?? CostBins(space, count: settings.binCount, metric: settings.metric)
        switch settings.generator {
        case .lstm:
            generator = ArchitectureGenerator(decisions: space.decisions, seed: seed, kernels: kernels)
            table = nil
        case .table:
            generator = nil
            // Before anything is measured there is nothing to draw by.
            table = settings.measured(in: space) == nil ? CostDistribution(space, bins: bins) : nil
        }
        learned = ShiftState(bins: settings.binCount)
    }

    /// Goes back to the beginning.
    public func restart() {
        learned = ShiftState(bins: settings.binCount)
        generator?.restart(seed: seed)
    }

    /// The probabilities of the bins as they are.
    public var probabilities: [Double] { learned.distribution.probabilities }

    /// What bins are of, of an architecture.
    func cost(of genome: Genome) -> Int { measured?.cost(of: genome) ?? space.cost(of: genome, by: bins.metric) }

    // MARK: Drawing

    /// The subnet of a step.
    public func draws(step: Int) -> [SubnetDraw] {
        [SubnetDraw(genome: draw(step: step).genome, isMasked: isMasked(step))]
    }

    /// The largest subnet is not drawn in every step.
    public var teacher: TeacherPlace { .added }

    /// Whether a step runs at full width under masks.
    public func isMasked(_ step: Int) -> Bool { generator != nil && step % settings.maskedEvery == 0 }

    /// How soft the generator's gradients are: falls geometrically over the training.
    func temperature(_ step: Int) -> Double {
        let share = Double(min(step, steps)) / Double(max(1, steps))
        return settings.temperatureStart * pow(settings.temperatureEnd / settings.temperatureStart, share)
    }

    func draw(step: Int) -> Draw {
        draw(drawnBin(step: step), step: step, use: Self.trainingUse)
    }

    /// The bin of a step.
    func drawnBin(step: Int) -> Int {
        let words = CounterRandom(seed: seed, stream: .subnet).block(step: UInt64(step), index: 0)
        return BinDistribution.bin(at: Double(words.x) * 0x1p-32, of: windowProbabilities)
    }

    /// The probabilities as they are, with what the window that goes on adds.
    private var windowProbabilities: [Double] {
        guard let window = learned.progress?.open else { return probabilities }
        return BinProgress.contrasted(
            window.probabilities, by: settings.contrast, number: window.number, seed: seed)
    }

    func draw(_ bin: Int, step: Int, use: Int) -> Draw {
        guard let generator else {
            var numbers = CounterRandom(seed: seed, stream: .subnet).generator(step: UInt64(step), lane: use + 1)
            return Draw(bin: bin, genome: tableDraw(bin, using: &numbers), trace: nil)
        }
        let trace = generator.run(
            cost: Float(bins.normalized(bins.target(bin))), noise: GeneratorNoise(seed: seed, step: step, use: use),
            temperature: Float(temperature(step)))
        return Draw(bin: bin, genome: trace.choices.genome, trace: trace)
    }

    /// A genome of a bin, or of the nearest one that has any.
    private func tableDraw(_ bin: Int, using numbers: inout CounterGenerator) -> Genome {
        for candidate in (0..<bins.count).sorted(by: { (abs($0 - bin), $0) < (abs($1 - bin), $1) }) {
            let genome = measured.map { $0.draw(candidate, using: &numbers) } ?? table?.draw(candidate, using: &numbers)
            if let genome { return genome }
        }
        return space.smallest
    }

    /// The generator's most probable architecture for the target of each bin; none without a generator.
    public var picks: [Genome] {
        guard let generator else { return [] }
        return (0..<bins.count).map { bin in
            space.canonical(generator.genome(cost: bins.normalized(bins.target(bin))))
        }
    }

    /// The generator's most probable architecture of at most a cost.
    ///
    /// Where the generator overshoots, it is asked for less until its answer fits.
    ///
    /// Source: Zhang et al., "ShiftNAS: Improving One-shot NAS via Probability Shift" (ICCV 2023), section 3.2.
    public func genome(within budget: CostBudget) -> Genome? {
        guard let generator, budget.metric == bins.metric else { return nil }
        for tries in 0...Self.budgetTries {
            let share = Double(tries) / Double(Self.budgetTries)
            let target = Double(bins.low) + (Double(min(budget.limit, bins.high)) - Double(bins.low)) * (1 - share)
            let genome = space.canonical(generator.genome(cost: bins.normalized(target)))
            if space.cost(of: genome, by: budget.metric) <= budget.limit { return genome }
        }
        return space.smallest
    }

    private static let budgetTries = 64

    // MARK: State

    /// Probabilities, panels and counts, as JSON.
    public var state: String? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        // Numbers that are not finite never enter the learned.
        return (try? encoder.encode(learned)).map { String(decoding: $0, as: UTF8.self) }
    }

    public func restore(_ state: String?) -> Bool {
        guard let state, let decoded = try? JSONDecoder().decode(ShiftState.self, from: Data(state.utf8)),
            decoded.fits(bins: bins.count)
        else { return false }
        learned = decoded
        return true
    }

    /// The generator's parameters and their moments.
    public var tensors: [(name: String, values: FloatBuffer)] {
        guard let generator else { return [] }
        return [("generator", generator.values)]
            + generator.optimizer.moments.map { ("generator." + $0.name, $0.values) }
    }

    // MARK: Learning

    /// Teaches the generator what a step at full width told: loss = task + weight (cost - target)^2 - entropy.
    ///
    /// - Parameter options: The gradient of the task's loss by the option weights of the step's subnet.
    public func learn(step: Int, options: OptionWeights) {
        guard let generator else { return }
        // Drawn once more, since the generator keeps what its last run computed.
        let draw = draw(step: step)
        if let trace = draw.trace { descend(trace, target: bins.target(draw.bin), task: options) }
        for number in 0..<settings.costTargets {
            let words = CounterRandom(seed: seed, stream: .subnet).block(step: UInt64(step), index: UInt32(1 + number))
            let target = Double(bins.low) + Double(words.y) * 0x1p-32 * Double(bins.high - bins.low)
            let trace = generator.run(
                cost: Float(bins.normalized(target)),
                noise: GeneratorNoise(seed: seed, step: step, use: Self.costUse + number),
                temperature: Float(temperature(step)))
            descend(trace, target: target, task: OptionWeights(space.decisions))
        }
        learned.generatorUpdates += 1
        // Falls along half a cosine: the last draws then hold their targets.
        let rate = settings.generatorRate * (1 + cos(Double.pi * Double(min(step, steps)) / Double(max(1, steps)))) / 2
        generator.update(step: learned.generatorUpdates, rate: Float(rate))
    }

    private func descend(_ trace: ArchitectureGenerator.Trace, target: Double, task: OptionWeights) {
        let genome = trace.choices.genome
        let range = Double(max(1, bins.high - bins.low))
        let distance = (Double(cost(of: genome)) - target) / range
        // d/dp of weight * 100 * distance^2, with costs in units of their range.
        let factor = Float(settings.costWeight * 200 * distance / range)
        var options = task
        let costs = space.costGradient(at: genome, by: bins.metric)
        for index in options.values.indices { options.values[index] += factor * costs.values[index] }
        generator?.backward(
            trace, options: options, active: space.isActive(genome), entropyWeight: Float(settings.entropyWeight))
    }
}
