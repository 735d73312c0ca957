internal import Foundation
public import SearchSpaces
public import Tensors

/// Learns which subnets to train: draws a bin of cost by learned probabilities, and an architecture for it.
///
/// A draw is a function of (state, step). The state changes in three places only: ``learn(step:options:)`` after a step at
/// full width, ``update(step:probe:)`` every so many steps, and the counts of ``note(step:)``.
///
/// Source: Zhang et al., "ShiftNAS: Improving One-shot NAS via Probability Shift" (ICCV 2023), section 3.
public final class ShiftSampler: SubnetSampler {
    /// The settings.
    public let settings: ShiftSettings
    /// The bins.
    public let bins: CostBins
    /// The learned generator; nil where architectures come from the table.
    public let generator: ArchitectureGenerator?
    var state: ShiftState
    private let space: SearchSpace
    private let table: CostDistribution?
    private let seed: UInt64
    private let steps: Int

    /// One subnet of a step.
    struct Draw {
        let bin: Int
        /// With the choices of blocks past its depth, whose gates have gradients too.
        let genome: Genome
        let trace: ArchitectureGenerator.Trace?
    }

    // Uses of a step's Gumbel noise.
    private static let trainingUse = 0
    private static let literalUse = 1
    private static let literalBinUse = 2
    private static let costUse = 16
    private static let binUse = 4096
    /// Draws until a subnet to be measured lies in its bin.
    private static let binTries = 16

    /// Creates a sampler with equal probabilities.
    public init(space: SearchSpace, settings: ShiftSettings, steps: Int, seed: UInt64, kernels: Kernels) {
        self.space = space
        self.settings = settings
        self.steps = steps
        self.seed = seed
        bins = CostBins(space, count: settings.bins, metric: settings.metric)
        switch settings.generator {
        case .lstm:
            generator = ArchitectureGenerator(decisions: space.decisions, seed: seed, kernels: kernels)
            table = nil
        case .table:
            generator = nil
            table = CostDistribution(space, bins: bins)
        }
        state = ShiftState(bins: settings.bins)
    }

    /// Goes back to the beginning.
    func restart() {
        state = ShiftState(bins: settings.bins)
        generator?.restart(seed: seed)
    }

    /// The probabilities of the bins as they are.
    public var probabilities: [Double] { state.distribution.probabilities }

    // MARK: Drawing

    /// The subnet of a step.
    public func genomes(step: Int) -> [Genome] { [draw(step: step).genome] }

    /// Whether a step runs at full width under masks.
    public func isJoint(_ step: Int) -> Bool { generator != nil && step % settings.joint == 0 }

    /// How soft the generator's gradients are: falls geometrically over the training.
    func temperature(_ step: Int) -> Double {
        let share = Double(min(step, steps)) / Double(max(1, steps))
        return settings.temperatureStart * pow(settings.temperatureEnd / settings.temperatureStart, share)
    }

    func draw(step: Int) -> Draw {
        let words = CounterRandom(seed: seed, stream: .subnet).block(step: UInt64(step), index: 0)
        let bin = state.distribution.bin(at: Double(words.x) * 0x1p-32)
        return draw(bin, step: step, use: Self.trainingUse)
    }

    private func draw(_ bin: Int, step: Int, use: Int) -> Draw {
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
        guard let table else { return space.smallest }
        for candidate in (0..<bins.count).sorted(by: { (abs($0 - bin), $0) < (abs($1 - bin), $1) }) {
            if let genome = table.draw(candidate, using: &numbers) { return genome }
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

    // MARK: Learning

    /// Teaches the generator what a step at full width told: loss = task + weight (cost - target)^2 - entropy.
    ///
    /// - Parameter options: The gradient of the task's loss by the option weights of the step's subnet.
    func learn(step: Int, options: OptionWeights) {
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
        state.generatorUpdates += 1
        // Falls along half a cosine: the last draws then hold their targets.
        let rate = settings.generatorRate * (1 + cos(Double.pi * Double(min(step, steps)) / Double(max(1, steps)))) / 2
        generator.update(step: state.generatorUpdates, rate: Float(rate))
    }

    private func descend(_ trace: ArchitectureGenerator.Trace, target: Double, task: OptionWeights) {
        let genome = trace.choices.genome
        let range = Double(max(1, bins.high - bins.low))
        let distance = (Double(space.cost(of: genome)[bins.metric]) - target) / range
        // d/dp of weight * 100 * distance^2, with costs in units of their range.
        let factor = Float(settings.costWeight * 200 * distance / range)
        var options = task
        let costs = space.costGradient(at: genome, by: bins.metric)
        for index in options.values.indices { options.values[index] += factor * costs.values[index] }
        generator?.backward(
            trace, options: options, active: space.isActive(genome), entropyWeight: Float(settings.entropyWeight))
    }

    // MARK: Shifting

    /// Whether the probabilities are measured, and from the second time on updated, after so many steps.
    public func isUpdateDue(_ step: Int) -> Bool {
        settings.rate > 0 && step > 0 && step >= settings.warm && (step - settings.warm) % settings.period == 0
    }

    /// Measures, and moves the probabilities towards bins whose losses fall most.
    func update(step: Int, probe: some ShiftProbe) throws {
        switch settings.estimator {
        case .expected: try updateByAll(step: step, probe)
        case .sampled: try updateByOne(step: step, probe)
        case .literal: try updateByGradients(step: step, probe)
        }
        state.visits += 1
    }

    private func updateByAll(step: Int, _ probe: some ShiftProbe) throws {
        if let changes = try changes(probe) {
            shift(by: state.distribution.gradient(ofExpected: changes.map(\.mean)), step: step)
            tell(changes, step: step)
        }
        try keep(Array(0..<bins.count), step: step, probe)
    }

    private func updateByOne(step: Int, _ probe: some ShiftProbe) throws {
        if let change = try changes(probe)?.first {
            let baseline = state.baseline ?? change.mean
            shift(
                by: state.distribution.gradient(ofSampled: change.mean, bin: change.bin, baseline: baseline), step: step
            )
            if change.mean.isFinite { state.baseline = 0.8 * baseline + 0.2 * change.mean }
            tell([change], step: step)
        }
        // Drawn by the probabilities that hold until the next update, as the estimator asks.
        let words = CounterRandom(seed: seed, stream: .subnet).block(step: UInt64(step), index: 0)
        try keep([state.distribution.bin(at: Double(words.z) * 0x1p-32)], step: step, probe)
    }

    /// Eq. 8: one draw of a bin, straight through, and the gradients at two states of the weights.
    private func updateByGradients(step: Int, _ probe: some ShiftProbe) throws {
        defer { probe.rememberWeights() }
        guard state.visits > 0, let generator else { return }
        let noise = GeneratorNoise(seed: seed, step: step, use: Self.literalBinUse)
        let tau = temperature(step)
        let noisy = state.distribution.logits.enumerated().map { $0.element + Double(noise[$0.offset]) }
        let bin = noisy.indices.max { noisy[$0] < noisy[$1] } ?? 0
        let largest = noisy[bin]
        let powers = noisy.map { exp(($0 - largest) / tau) }
        let soft = powers.map { $0 / powers.reduce(0, +) }
        let costs = (0..<bins.count).map { bins.normalized(bins.target($0)) }
        let trace = generator.run(
            cost: Float(costs[bin]), noise: GeneratorNoise(seed: seed, step: step, use: Self.literalUse),
            temperature: Float(tau))
        let (now, before) = try probe.optionGradients(trace.choices.genome, visit: state.visits)
        var options = now
        for index in options.values.indices { options.values[index] -= before.values[index] }
        let slope = Double(
            generator.backward(trace, options: options, active: space.isActive(trace.choices.genome)))
        generator.clearGradient()
        guard slope.isFinite else { return }
        let mean = zip(soft, costs).map { $0 * $1 }.reduce(0, +)
        shift(by: soft.indices.map { soft[$0] * (costs[$0] - mean) * slope / tau }, step: step)
        state.figures.append(SamplerFigure(step: step, name: "costSlope", bin: 0, value: slope))
    }

    private func shift(by gradient: [Double], step: Int) {
        // A diverging network is somebody else's to notice.
        guard gradient.allSatisfy(\.isFinite) else { return }
        state.distribution.update(by: gradient, rate: settings.rate)
        for (bin, probability) in probabilities.enumerated() {
            state.figures.append(SamplerFigure(step: step, name: "probability", bin: bin, value: probability))
        }
        state.figures.append(
            SamplerFigure(step: step, name: "totalVariation", bin: 0, value: state.distribution.totalVariation))
    }

    /// A bin's loss change since its subnet was kept, with the standard error of it.
    private struct Change {
        let bin: Int
        let mean: Double
        let error: Double
    }

    /// Measures what is kept again, on the same examples; nil when nothing is.
    private func changes(_ probe: some ShiftProbe) throws -> [Change]? {
        guard !state.kept.isEmpty else { return nil }
        let now = try probe.losses(state.kept.map(\.genome), visit: state.visits - 1)
        return zip(state.kept, now).map { kept, losses in
            let changes = zip(losses, kept.losses).map { $0 - $1 }
            let mean = changes.reduce(0, +) / Double(changes.count)
            let squares = changes.map { ($0 - mean) * ($0 - mean) }.reduce(0, +)
            let count = Double(changes.count)
            return Change(
                bin: kept.bin, mean: mean, error: count > 1 ? (squares / (count - 1) / count).squareRoot() : 0)
        }
    }

    private func tell(_ changes: [Change], step: Int) {
        guard changes.allSatisfy({ $0.mean.isFinite && $0.error.isFinite }) else { return }
        for change in changes {
            state.figures.append(SamplerFigure(step: step, name: "lossChange", bin: change.bin, value: change.mean))
        }
        guard changes.count > 1 else { return }
        let mean = changes.map(\.mean).reduce(0, +) / Double(changes.count)
        let spread = changes.map { ($0.mean - mean) * ($0.mean - mean) }.reduce(0, +) / Double(changes.count - 1)
        let noise = changes.map(\.error).reduce(0, +) / Double(changes.count)
        if noise > 0 {
            state.figures.append(
                SamplerFigure(step: step, name: "signalToNoise", bin: 0, value: spread.squareRoot() / noise))
        }
    }

    /// A subnet of a bin, as far as the generator has learned to hold it.
    private func drawInside(_ bin: Int, step: Int) -> Genome {
        var genome = space.smallest
        for attempt in 0..<Self.binTries {
            genome = draw(bin, step: step, use: Self.binUse + bin * Self.binTries + attempt).genome
            if bins.bin(of: space.cost(of: genome)[bins.metric]) == bin { break }
        }
        return genome
    }

    private func keep(_ wanted: [Int], step: Int, _ probe: some ShiftProbe) throws {
        let genomes = wanted.map { drawInside($0, step: step) }
        let losses = try probe.losses(genomes, visit: state.visits)
        state.kept = wanted.indices.map {
            ShiftState.Kept(bin: wanted[$0], choices: genomes[$0].choices, losses: losses[$0])
        }
        guard losses.joined().allSatisfy(\.isFinite) else {
            state.kept = []
            return
        }
        for kept in state.kept {
            let loss = kept.losses.reduce(0, +) / Double(kept.losses.count)
            state.figures.append(SamplerFigure(step: step, name: "heldOutLoss", bin: kept.bin, value: loss))
        }
    }

    // MARK: Telling

    /// Counts the subnet of a step.
    func note(step: Int) {
        let draw = draw(step: step)
        let cost = space.cost(of: draw.genome)[bins.metric]
        state.draws[bins.bin(of: cost)] += 1
        let distance = bins.width > 0 ? abs(Double(cost) - bins.target(draw.bin)) / bins.width : 0
        state.distance += distance
        if distance <= 0.5 { state.hits += 1 }
    }

    /// What was counted and learned since ``forgetFigures()``, as of a step.
    public func figures(step: Int) -> [SamplerFigure] {
        let count = Double(max(1, state.draws.reduce(0, +)))
        let draws = state.draws.enumerated().map {
            SamplerFigure(step: step, name: "draws", bin: $0.offset, value: Double($0.element))
        }
        let wholes = [
            ("generatorError", state.distance / count), ("generatorHits", Double(state.hits) / count),
            ("temperature", temperature(step)),
        ]
        return state.figures + draws + wholes.map { SamplerFigure(step: step, name: $0.0, bin: 0, value: $0.1) }
    }

    /// Begins to count anew.
    public func forgetFigures() {
        state.draws = [Int](repeating: 0, count: bins.count)
        state.hits = 0
        state.distance = 0
        state.figures = []
    }
}
