public import Runs
internal import SearchSpaces
public import Supernets
public import Tensors

/// Which passes a step has, and what they take: what is sampled, with the losses that the settings ask for.
struct StepPlan {
    let supernet: any Supernet
    let settings: TrainSettings
    let sampler: any SubnetSampler

    /// The passes of a step.
    func passes(of step: Int) -> [Pass] {
        isTaught(step, of: settings.steps) ? taughtPasses(of: step) : plainPasses(of: step)
    }

    /// Whether a step of so many has a teacher.
    func isTaught(_ step: Int, of steps: Int) -> Bool {
        guard let distillation = settings.distillation, distillation.weight > 0, sampler.teacher != .none else {
            return false
        }
        return Double(step) >= distillation.start * Double(steps)
    }

    /// The passes of a step that learns from targets alone.
    func plainPasses(of step: Int) -> [Pass] { passes(sampler.draws(step: step)[...], plain) }

    /// The passes of a step that the largest subnet teaches.
    func taughtPasses(of step: Int) -> [Pass] {
        let taught = Teaching(
            smoothing: Float(settings.labelSmoothing), softWeight: Float(settings.distillation?.weight ?? 0),
            temperature: Float(settings.distillation?.temperature ?? 1))
        let teacher = Pass(
            [supernet.space.largest], teaching: plain, isTeacher: true, isForward: sampler.teacher == .forward)
        return [teacher] + passes(sampler.draws(step: step).dropFirst(sampler.teacher == .first ? 1 : 0), taught)
    }

    private var plain: Teaching { Teaching(smoothing: Float(settings.labelSmoothing)) }

    private func passes(_ draws: ArraySlice<SubnetDraw>, _ teaching: Teaching) -> [Pass] {
        draws.map { Pass($0.genomes, teaching: teaching, isMasked: $0.isMasked) }
    }
}

/// How many steps a number of multiply-adds is enough for.
public struct StepBudget {
    /// The most steps that a budget is answered with.
    public static let mostSteps = 2_000_000
    /// Steps of a sampler that learns by which the others are told.
    private static let learnedSteps = 1000

    /// Whether draws are a function of the step alone, so that ``steps(within:)`` is exact.
    public var isExact: Bool { plan.sampler.isFixed }

    private let plan: StepPlan
    private let work: WorkCount

    /// Prepares a training of some settings, whatever their number of steps.
    ///
    /// - Throws: `TrainingError.noSampler`.
    public init(
        supernet: any Supernet, settings: TrainSettings, seed: UInt64, kernels: any Backend
    ) throws(TrainingError) {
        let sampler = try settings.sampler.sampler(
            in: supernet.space, steps: settings.steps, shards: settings.shards, seed: seed, kernels: kernels)
        plan = StepPlan(supernet: supernet, settings: settings, sampler: sampler)
        work = WorkCount(
            supernet, batch: settings.batch, shards: settings.shards,
            isMasked: settings.sampler.settings.hasMaskedPasses)
    }

    /// The most steps, at most ``mostSteps``, that execute no more multiply-adds: by the draws of each step where they are known
    /// beforehand, and by those that it would begin with where the sampler learns.
    ///
    /// A teacher that begins at a share of the steps is counted from that step on.
    ///
    /// - Parameter isStopped: Asked now and then; what is told when it says so is of no use.
    public func steps(within budget: Int, isStopped: () -> Bool = { false }) -> Int {
        // Of the first so many steps, were none taught, or all.
        var plain = [0], taught = [0]
        while plain.count <= Self.mostSteps, let sum = plain.last, let other = taught.last {
            let step = plain.count - 1
            if !isExact, step >= Self.learnedSteps {
                // What it will have learned by then is not known: as the first ones.
                let ahead = max(sum, plan.isTaught(0, of: 1) ? other : 0)
                return min(Self.mostSteps, Int(Double(step) * Double(budget) / Double(max(1, ahead))))
            }
            if step % 1024 == 1023, isStopped() { return 0 }
            let own = work.multiplyAdds(of: plan.plainPasses(of: step))
            let isTaught = plan.isTaught(step, of: 0)
            let next = sum.plus(own)
            guard own > 0, next <= budget else { break }
            plain.append(next)
            taught.append(other.plus(isTaught ? work.multiplyAdds(of: plan.taughtPasses(of: step)) : own))
        }
        return plain.indices.last { steps in
            let first = (0..<steps).partitioningIndex { plan.isTaught($0, of: steps) }
            return plain[first].plus(taught[steps] - taught[first]) <= budget
        } ?? 0
    }
}

extension Range<Int> {
    /// The first element that a condition holds for, which holds for all after it; the end where there is none.
    fileprivate func partitioningIndex(_ condition: (Int) -> Bool) -> Int {
        var low = lowerBound, high = upperBound
        while low < high {
            let middle = low + (high - low) / 2
            if condition(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
