public import SearchSpaces

/// A search by questions and answers: `ask` for candidates, measure them, `tell` the results, until `ask` is empty.
///
/// An algorithm is a value that its state describes completely: one made from a saved state continues exactly as
/// the saved one would have.
public protocol SearchAlgorithm: Sendable {
    /// Everything the next question depends on.
    var state: SearchState { get }

    /// The next batch in ask order: canonical genomes, none of them asked before in this round.
    ///
    /// Until the results are told, asking again returns the same batch. Empty when the budget is used up or the
    /// space has nothing new.
    mutating func ask() -> [Proposal]

    /// Takes the results of the whole pending batch, in ask order.
    ///
    /// Throws, and changes nothing, when the genomes are not those of the batch in order or a fitness has the wrong
    /// number of objectives.
    mutating func tell(_ results: [(genome: Genome, fitness: Fitness)]) throws(SearchError)
}

extension SearchAlgorithm {
    /// Whether `ask` has nothing more to ask.
    public var isFinished: Bool {
        state.pending.isEmpty && (state.isExhausted || state.asked >= state.parameters.evaluations)
    }

    /// The members of the population to report: its feasible front, or else its least violating members.
    public var incumbents: [SearchMember] {
        Front.incumbents(of: state.population.map(\.fitness)).map { state.population[$0] }
    }
}
