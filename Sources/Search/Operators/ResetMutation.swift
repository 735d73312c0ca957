public import SearchSpaces

/// Replaces each choice, with the same small probability, by a different option of its decision.
///
/// The probability is `max(1/n, r)`, where n counts the decisions with at least two options. The new option is
/// uniform over the others, so a mutated choice never keeps its option.
public struct ResetMutation: Sendable {
    private let optionCounts: [Int]
    /// The probability of each choice to change, 0 to 1.
    public let probability: Double

    /// Creates the operator for the decisions of a space; `rate` is the lower bound r, 0 to 1.
    public init(decisions: [Decision], rate: Double = 0) {
        optionCounts = decisions.map(\.options.count)
        let open = optionCounts.count { $0 > 1 }
        probability = min(1, max(open > 0 ? 1 / Double(open) : 0, rate))
    }

    /// The mutated genome, not yet canonical. O(n) for n decisions.
    public func mutated(_ genome: Genome, using generator: inout some RandomNumberGenerator) -> Genome {
        var choices = genome.choices
        for (index, count) in optionCounts.enumerated() where count > 1 && index < choices.count {
            guard Double.random(in: 0..<1, using: &generator) < probability else { continue }
            let other = Int.random(in: 0..<(count - 1), using: &generator)
            choices[index] = UInt8(other < Int(choices[index]) ? other : other + 1)
        }
        return Genome(choices)
    }
}
