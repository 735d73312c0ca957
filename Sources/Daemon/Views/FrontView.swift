internal import Coordinator
internal import Runs
internal import SearchSpaces
internal import Store

/// What no other candidate dominates, and the best of it.
struct FrontView {
    let core: DaemonCore

    /// The finalist with the best validation accuracy; before there are any, the first of the newest front by the first
    /// objective.
    func best(of run: StoredRun, _ specification: RunSpecification) throws -> CandidateRow? {
        let results = RunResults(
            store: core.store, directory: core.store.directory, run: run.id, specification: specification)
        if run.state == .completed, let finalist = try results.best() {
            let front = try core.fronts.members(
                run.id, weightsStep: finalist.candidate.weightsStep, objectives: specification.objectives,
                constraints: specification.constraints)
            return CandidateRow(result: finalist, onFront: front.contains(finalist.candidate.number))
        }
        guard let round = try core.store.rounds(run.id, limit: 1).last else { return nil }
        let rows = try rows(of: run.id, weightsStep: round.weightsStep, specification)
        func value(_ row: CandidateRow) -> Double {
            specification.objectives.minimized { row.result.value(of: $0) }?.first ?? .infinity
        }
        return rows.min { value($0) < value($1) }
    }

    /// The candidates on the front of a state of the weights, in ask order.
    func rows(of run: RunID, weightsStep: Int, _ settings: RunSpecification) throws -> [CandidateRow] {
        let members = try core.fronts.members(
            run, weightsStep: weightsStep, objectives: settings.objectives, constraints: settings.constraints)
        return try members.sorted().flatMap { number in
            try core.store.candidates(run, after: number - 1, limit: 1).map { CandidateRow(result: $0, onFront: true) }
        }
    }
}
