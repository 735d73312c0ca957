internal import Runs
internal import Search
internal import SearchSpaces
internal import Store

/// How a candidate's measurements become its fitness.
struct FitnessRule {
    let objectives: [Objective]
    let constraints: [Constraint]

    init(_ specification: RunSpecification) {
        objectives = specification.objectives
        constraints = specification.constraints
    }

    /// The fitness of a candidate that has just been measured.
    func fitness(_ candidate: Candidate, _ outcome: CandidateOutcome) -> Fitness {
        let costs = zip(candidate.cost.metrics, candidate.cost.values.map(Double.init))
        return fitness(outcome.values.merging(costs) { $1 })
    }

    /// The fitness of a stored candidate.
    func fitness(_ result: CandidateResult) -> Fitness {
        var measured: [Metric: Double] = [:]
        for metric in objectives.map(\.metric) + constraints.map(\.metric) {
            measured[metric] = result.value(of: metric)
        }
        return fitness(measured)
    }

    private func fitness(_ measured: [Metric: Double]) -> Fitness {
        Fitness(measured: measured, objectives: objectives, constraints: constraints)
    }
}
