internal import Datasets
internal import Runs
internal import SearchSpaces
internal import Tensors

/// The multiply-adds of a run's parts, from which its duration follows.
struct RunWork {
    /// One training step, forward and backward.
    let step: Double
    /// One candidate of a search round.
    let evaluation: Double
    /// All finalists on the validation and the test data.
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
        guard let train = specification.train, let dataset = inputs.dataset else {
            step = 0
            evaluation = 1
            validation = Double(specification.finalists)
            return
        }
        var generator = CounterGenerator(seed: 1, stream: .subnet, step: 0)
        let draws = (0..<64).map { _ in Double(space.cost(of: space.randomGenome(using: &generator)).multiplyAdds) }
        let mean = draws.reduce(0, +) / Double(draws.count)
        let perExample = train.sampler.settings.multiplyAdds(
            smallest: Double(space.cost(of: space.smallest).multiplyAdds), mean: mean,
            largest: Double(space.cost(of: space.largest).multiplyAdds))
        step = 3 * perExample * Double(train.batch)
        evaluation = mean * Double(specification.search?.samples ?? 0)
        validation =
            mean * Double(specification.finalists)
            * Double((specification.data?.holdOut.validation ?? 0) + dataset.testCount)
    }

    /// Everything.
    var total: Double { done(steps: steps, evaluations: plan.evaluations) + validation }

    /// What so many steps and evaluations take.
    func done(steps: Int, evaluations: Int) -> Double {
        step * Double(steps) + evaluation * Double(evaluations)
    }
}
