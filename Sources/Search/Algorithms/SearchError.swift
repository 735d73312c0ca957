/// Why a search algorithm refuses what it is given.
public enum SearchError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The results told are not those asked for, in ask order.
    case unexpectedResults(expected: Int, got: Int, firstDifference: Int)
    /// A fitness does not have the number of objectives of the round.
    case wrongObjectiveCount(expected: Int, got: Int)
    /// A state was saved by another algorithm.
    case wrongAlgorithm(expected: SearchAlgorithmKind, got: SearchAlgorithmKind)
    /// A state holds a genome that its space or its archive does not have.
    case foreignGenome([UInt8])

    /// The error in one sentence.
    public var description: String {
        switch self {
        case .unexpectedResults(let expected, let got, let difference):
            "expected \(expected) results in ask order, got \(got); the first difference is at \(difference)"
        case .wrongObjectiveCount(let expected, let got):
            "expected \(expected) objectives, got \(got)"
        case .wrongAlgorithm(let expected, let got):
            "the saved search is of algorithm \(got.rawValue), not \(expected.rawValue)"
        case .foreignGenome(let choices):
            "the saved search has the genome \(choices), which its space or its archive does not have"
        }
    }
}
