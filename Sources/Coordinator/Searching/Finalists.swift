internal import Search
internal import Store

/// Picks the candidates that are measured on all data: the best fronts of the final weights, thinned by crowding.
struct Finalists {
    let rule: FitnessRule

    /// At most `count` of the candidates of one weight state, in ask order; infeasible ones only where nothing is feasible.
    func pick(_ count: Int, from results: [CandidateResult]) -> [CandidateResult] {
        let measured = results.map { ($0, rule.fitness($0)) }.filter { !$0.1.isFailed }
        let feasible = measured.filter(\.1.isFeasible)
        let pool = feasible.isEmpty ? measured : feasible
        return Survival.byFrontAndCrowding(pool.map(\.1), count: count).map { pool[$0].0 }
    }
}
