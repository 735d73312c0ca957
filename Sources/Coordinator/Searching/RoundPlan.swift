internal import Foundation
public import Runs
internal import Search
internal import SearchSpaces

/// When rounds of search are due, and how large they are.
public struct RoundPlan: Sendable {
    private let summary: RunSummary
    /// The step of the weights of the last round.
    let weightsStep: Int

    /// The plan of a run.
    public init(_ specification: RunSpecification) {
        summary = RunSummary(specification)
        weightsStep = specification.weightsStep
    }

    /// The plan of a run of which only the summary is at hand: how large its rounds are.
    public init(_ summary: RunSummary) {
        self.summary = summary
        weightsStep = summary.steps
    }

    /// Training steps.
    var steps: Int { summary.steps }

    /// The number of the round that a step brings, counted from 0; nil where none is due.
    func round(at step: Int) -> Int? {
        guard summary.evaluations > 0 else { return nil }
        if step == weightsStep { return last }
        guard let every = summary.every, step > 0, step < steps, step % every == 0 else { return nil }
        return step / every - 1
    }

    /// The number of the round on the final weights.
    public var last: Int { summary.every.map { (steps - 1) / $0 } ?? 0 }

    /// The budget of a round.
    public func evaluations(of round: Int) -> Int { round == last ? summary.evaluations : summary.evaluationsDuring }

    /// The budgets of all rounds before one together; the greatest number where they exceed it.
    func earlierEvaluations(of round: Int) -> Int {
        summary.evaluationsDuring.times(Swift.max(0, Swift.min(round, last)))
    }

    /// The budgets of all rounds; the greatest number where they exceed it.
    var evaluations: Int { earlierEvaluations(of: last).plus(evaluations(of: last)) }
}

/// The search between two rounds, as a checkpoint holds it.
struct RoundState: Codable {
    /// The number of the last finished round.
    let round: Int
    private let state: SearchState

    init(round: Int, state: SearchState) {
        self.round = round
        self.state = state
    }

    init(json: String) throws { self = try JSONDecoder().decode(Self.self, from: Data(json.utf8)) }

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// How many candidates the round measured.
    var evaluations: Int { state.asked }

    /// The population, which the next round measures anew, in its order.
    var survivors: [Genome] { state.population.map(\.genome) }
}
