internal import Datasets
internal import Runs
internal import SearchSpaces

/// The multiply-adds of a run's parts, from which its duration follows.
struct RunWork {
    /// One training step, with all that it executes.
    let step: Double
    /// One candidate of a search round.
    let evaluation: Double
    /// All finalists on the validation and the test data, and their training.
    let validation: Double
    let steps: Int
    let plan: RoundPlan

    /// Seconds that a candidate takes on any machine; nil where multiply-adds say it, otherwise the work counts candidates.
    let secondsPerCandidate: Double?

    init(_ inputs: RunInputs) {
        let specification = inputs.specification, space = inputs.space
        plan = RoundPlan(specification)
        steps = specification.steps
        secondsPerCandidate = (try? specification.evaluator.usable())?.secondsPerCandidate
        let work = TrainingWork(specification, in: space)
        let costs = work?.costs ?? (specification.supernet == nil ? nil : SubnetCosts(space))
        guard let mean = costs?.mean, mean > 0, let dataset = inputs.dataset else {
            step = 0
            evaluation = 1
            validation = Double(specification.finalists)
            return
        }
        step = steps > 0 ? (work?.total ?? 0) / Double(steps) : 0
        // Before a subnet is measured, its norms may be.
        let calibration = specification.calibration, isCalibrated = space.normalizesExamples
        let trainedOn = dataset.split.train.count
        func measured(on examples: Int, after calibrated: Int) -> Double {
            mean * Double(examples.plus(isCalibrated ? min(calibrated, trainedOn) : 0))
        }
        evaluation = measured(on: specification.search?.samples ?? 0, after: calibration.search)
        let held = measured(on: specification.data?.holdOut.validation ?? 0, after: calibration.finalists)
        let largest = costs?.largest ?? mean
        let trained = specification.finalistTrainings.reduce(0.0) { sum, training in
            let teacher = training.train.distillation == nil ? 0 : largest
            return sum + Double(training.train.steps) * Double(training.train.batch) * (3 * mean + teacher) + held
        }
        let tested = measured(on: dataset.testCount, after: calibration.finalists)
        validation = Double(specification.finalists) * (held + tested + trained)
    }

    /// Everything.
    var total: Double { done(steps: steps, evaluations: plan.evaluations) + validation }

    /// What so many steps and evaluations take.
    func done(steps: Int, evaluations: Int) -> Double {
        step * Double(steps) + evaluation * Double(evaluations)
    }
}
