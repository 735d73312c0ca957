public import API
internal import Coordinator
internal import Runs
internal import SearchSpaces
public import Store

extension ExplanationDocument {
    /// Why a candidate of a run was asked, what it cost, and who dominates it.
    ///
    /// Complexity: O(candidates).
    /// - Parameter fronts: The fronts of the same store.
    /// - Throws: `CoordinatorError.noSuchCandidate`, or `StoreError`.
    public init(of candidate: Int, in run: StoredRun, _ store: some RunQueries, fronts: FrontIndex) throws {
        let found = try CandidateExplanation(of: candidate, in: run, store, fronts: fronts)
        let specification = try run.specification(), metrics = try run.metrics()
        func item(_ row: CandidateRow) -> CandidateItem {
            CandidateItem(row, metrics, constraints: specification.constraints)
        }
        let own = item(found.candidate)
        self.init(
            run: run.id.text, objectives: specification.objectives.map(\.metric.name), candidate: own,
            asked: found.reason.map { reason in
                Asked(
                    generation: reason.generation, operator: own.origin, parents: found.parents.map(item),
                    aim: reason.aim,
                    repaired: reason.isRepaired,
                    predictions: reason.predictions.map {
                        Prediction(
                            metric: $0.metric, mean: $0.mean, spread: $0.spread, measured: own.value(of: $0.metric))
                    })
            },
            measuring: Measuring(
                seconds: found.evaluation?.seconds, together: found.evaluation?.together, samples: own.samples),
            hypervolume: found.evaluation?.hypervolume, gain: found.gain, dominators: found.dominators,
            nearest: found.nearest.map(item), dominates: found.dominated,
            children: found.children.map(item), childCount: found.childCount,
            decisions: Self.decisions(of: found.candidate.result.candidate.genome, in: try run.space()))
    }

    private static func decisions(of genome: Genome, in space: SearchSpace) -> [Decision]? {
        guard space.contains(genome) else { return nil }
        let isActive = space.isActive(genome)
        return space.decisions.enumerated().map { index, decision in
            Decision(
                name: decision.name, scope: decision.scope.description, options: decision.optionTexts,
                chosen: Int(genome.choices[index]), isOrdinal: decision.isOrdinal, isActive: isActive[index])
        }
    }
}
