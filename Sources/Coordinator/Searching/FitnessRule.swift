internal import Runs
internal import Search
internal import SearchSpaces
internal import Store

/// How a candidate's measurements become its fitness.
struct FitnessRule {
    let objectives: [Objective]
    let constraints: [Constraint]
    /// Latencies of candidates that their evaluator does not tell.
    private var latencies: [Genome: Double] = [:]

    init(_ specification: RunSpecification) {
        objectives = specification.objectives
        constraints = specification.constraints
    }

    /// The rule for candidates of some latencies.
    func knowing(_ latencies: [Genome: Double]) -> FitnessRule {
        var rule = self
        rule.latencies = latencies
        return rule
    }

    /// The fitness of a candidate that has just been measured.
    func fitness(_ candidate: Candidate, _ outcome: CandidateOutcome) -> Fitness {
        guard let latency = latencies[candidate.genome], !outcome.isFailed else {
            return fitness(candidate.cost, outcome)
        }
        return fitness(candidate.cost, outcome.adding(latency, of: .latencyMilliseconds))
    }

    /// The fitness of what costs so much and has just been measured.
    func fitness(_ cost: ArchitectureCost, _ outcome: CandidateOutcome) -> Fitness {
        let costs = zip(cost.metrics, cost.values.map(Double.init))
        return fitness(outcome.values.merging(costs) { $1 })
    }

    /// The fitness of a stored candidate; failed where measuring it was stopped.
    func fitness(_ result: CandidateResult) -> Fitness { fitness(result) { result.value(of: $0) } }

    /// The fitness of a stored candidate as the search was told it: the best that it can come to where measuring it was stopped.
    func told(_ result: CandidateResult) -> Fitness {
        fitness(result) { result.value(of: $0) ?? result.bound(of: $0) }
    }

    private func fitness(_ result: CandidateResult, value: (Metric) -> Double?) -> Fitness {
        var measured: [Metric: Double] = [:]
        for metric in objectives.map(\.metric) + constraints.map(\.metric) { measured[metric] = value(metric) }
        return fitness(measured)
    }

    private func fitness(_ measured: [Metric: Double]) -> Fitness {
        Fitness(measured: measured, objectives: objectives, constraints: constraints)
    }
}

/// Picks the candidates that are measured on all data: the best fronts of the final weights, thinned by crowding.
struct Finalists {
    let rule: FitnessRule

    /// At most `count` of the candidates of one weight state, in ask order; infeasible ones only where nothing is feasible.
    func pick(_ count: Int, from results: [CandidateResult]) -> [CandidateResult] {
        guard count > 0 else { return [] }
        let measured = results.map { ($0, rule.fitness($0)) }.filter { !$0.1.isFailed }
        let feasible = measured.filter(\.1.isFeasible)
        let pool = feasible.isEmpty ? measured : feasible
        return Survival.byFrontAndCrowding(pool.map(\.1), count: count).map { pool[$0].0 }
    }

    /// Those of the candidates of one weight state that were stopped and might be picked, or decide who is.
    func open(_ count: Int, among results: [CandidateResult]) -> [CandidateResult] {
        guard count > 0 else { return [] }
        let told = results.map { ($0, rule.told($0)) }.filter { !$0.1.isFailed }
        let feasible = told.filter(\.1.isFeasible)
        let pool = feasible.isEmpty ? told : feasible
        return Survival.deciding(pool.map(\.1), count: count).sorted().map { pool[$0].0 }
            .filter { rule.fitness($0).isFailed }
    }
}
