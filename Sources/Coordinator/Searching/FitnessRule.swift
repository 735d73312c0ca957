internal import Runs
internal import Search
internal import SearchSpaces
internal import Store
internal import Training

/// How a candidate's measurements become its fitness.
struct FitnessRule {
    let objectives: [Objective]
    let constraints: [Constraint]

    init(_ settings: SearchSettings) {
        objectives = settings.objectives
        constraints = settings.constraints
    }

    /// The fitness of a candidate that has just been measured.
    func fitness(_ candidate: Candidate, _ evaluation: Evaluation) -> Fitness {
        fitness([
            .accuracy: Self.accuracy(evaluation), .loss: evaluation[.loss], .params: Double(candidate.cost.params),
            .multiplyAdds: Double(candidate.cost.multiplyAdds),
        ])
    }

    /// The fitness of a stored candidate.
    func fitness(_ result: CandidateResult) -> Fitness {
        var measured: [Metric: Double] = [:]
        for metric in objectives.map(\.metric) + constraints.map(\.metric) {
            measured[metric] = result.value(of: metric)
        }
        return fitness(measured)
    }

    /// Logits that are not finite have no accuracy worth telling, though a count of hits exists.
    static func accuracy(_ evaluation: Evaluation) -> Double {
        evaluation[.accuracy]
    }

    private func fitness(_ measured: [Metric: Double]) -> Fitness {
        Fitness(measured: measured, objectives: objectives, constraints: constraints)
    }
}
