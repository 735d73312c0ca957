public import Runs
internal import SearchSpaces
public import Supernets
public import Tensors

/// Which passes a step has, and what they take: what is sampled, with the losses that the settings ask for.
struct StepPlan {
    let supernet: any Supernet
    let settings: TrainSettings
    let sampler: any SubnetSampler
    /// Training steps, which decide where teaching begins.
    let steps: Int

    /// The passes of a step.
    func passes(of step: Int) -> [Pass] {
        DrawnPasses(sampler, settings.distillation, steps: steps).passes(of: step).map {
            Pass(
                $0.genomes, teaching: $0.isTaught ? taught : plain, isTeacher: $0.isTeacher, isMasked: $0.isMasked,
                isForward: $0.isForward)
        }
    }

    /// Of a pass that the largest subnet teaches.
    private var taught: Teaching {
        Teaching(
            smoothing: Float(settings.labelSmoothing), softWeight: Float(settings.distillation?.weight ?? 0),
            temperature: Float(settings.distillation?.temperature ?? 1))
    }

    /// Of a pass that learns from targets alone.
    private var plain: Teaching { Teaching(smoothing: Float(settings.labelSmoothing)) }
}

/// How many steps a number of multiply-adds is enough for.
public struct StepBudget {
    /// The most steps that a budget is answered with.
    public static let mostSteps = 2_000_000
    /// Steps of a sampler that learns by which all are told.
    private static let toldSteps = 1000

    /// Whether draws follow from the step and the number of steps, so that ``steps(within:isStopped:)`` is exact.
    public let isExact: Bool

    private let supernet: any Supernet
    private let settings: TrainSettings
    private let seed: UInt64
    private let kernels: any Backend
    private let work: WorkCount

    /// Prepares a training of some settings, whatever their number of steps.
    ///
    /// - Throws: `TrainingError.noSampler`.
    public init(
        supernet: any Supernet, settings: TrainSettings, seed: UInt64, kernels: any Backend
    ) throws(TrainingError) {
        (self.supernet, self.settings, self.seed, self.kernels) = (supernet, settings, seed, kernels)
        work = WorkCount(
            supernet, batch: settings.batch, shards: settings.shards,
            isMasked: settings.sampler.settings.hasMaskedPasses)
        isExact = try settings.sampler.sampler(
            in: supernet.space, steps: settings.steps, shards: settings.shards, seed: seed, kernels: kernels
        ).isFixed
    }

    /// A number of steps, at most ``mostSteps``, that executes no more multiply-adds while one step more does: by the draws of
    /// each step where these are known beforehand, and by those that it would begin with where the sampler learns.
    ///
    /// Draws and the teacher may follow from the number of steps, so the sum is made anew for each number that is tried: a few,
    /// for it grows almost in proportion. Where a step more is a little cheaper than it was, there is more than one such number.
    ///
    /// - Parameter isStopped: Asked now and then; what is told when it says so is of no use.
    /// - Throws: `TrainingError.noSampler`.
    public func steps(within budget: Int, isStopped: () -> Bool = { false }) throws(TrainingError) -> Int {
        var low = 0, high = Self.mostSteps + 1, tried = 1, rounds = 0
        while high - low > 1 {
            let executed = try multiplyAdds(of: tried, isStopped: isStopped)
            if isStopped() { return 0 }
            if executed <= budget { low = tried } else { high = tried }
            // In proportion, and by halves should that ever be far off.
            rounds += 1
            let guess = Double(tried) * Double(budget) / Double(max(1, executed))
            tried = rounds < Self.proportionalRounds ? Int(min(guess, Double(high))) : (low + high) / 2
            tried = min(max(tried, low + 1), high - 1)
        }
        return low
    }

    private static let proportionalRounds = 12

    /// What so many steps execute, were they all.
    private func multiplyAdds(of steps: Int, isStopped: () -> Bool) throws(TrainingError) -> Int {
        let plan = StepPlan(
            supernet: supernet, settings: settings,
            sampler: try settings.sampler.sampler(
                in: supernet.space, steps: steps, shards: settings.shards, seed: seed, kernels: kernels),
            steps: steps)
        let told = isExact ? steps : min(steps, Self.toldSteps)
        var sum = 0
        for index in 0..<told {
            if index % 1024 == 1023, isStopped() { break }
            sum = sum.plus(work.multiplyAdds(of: plan.passes(of: index * steps / told)))
        }
        return told == steps ? sum : Int(min(Double(sum) * Double(steps) / Double(told), 9e18))
    }
}
