/// A weight for every option of every decision of a space: one-hot for a genome, anything between for a blend of genomes.
public struct OptionWeights: Sendable, Equatable {
    /// The weights, decision after decision.
    public var values: [Float]
    private let starts: [Int]

    /// Creates weights of 0.
    public init(_ decisions: [Decision]) {
        var starts = [0]
        for decision in decisions { starts.append((starts.last ?? 0) + decision.options.count) }
        self.starts = starts
        values = [Float](repeating: 0, count: starts.last ?? 0)
    }

    /// Creates the one-hot weights of a genome, which has one option within bounds for each decision.
    public init(_ genome: Genome, of decisions: [Decision]) {
        self.init(decisions)
        for (decision, choice) in genome.choices.enumerated() { values[starts[decision] + Int(choice)] = 1 }
    }

    /// Number of decisions.
    public var decisionCount: Int { starts.count - 1 }

    /// Where the weights of a decision are in ``values``.
    public func range(of decision: Int) -> Range<Int> { starts[decision]..<starts[decision + 1] }

    /// The weights of one decision.
    public subscript(decision: Int) -> ArraySlice<Float> {
        get { values[range(of: decision)] }
        set { values.replaceSubrange(range(of: decision), with: newValue) }
    }

    /// The option of the greatest weight in each decision, the first of equal ones.
    public var genome: Genome {
        Genome(
            (0..<decisionCount).map { decision in
                let weights = self[decision]
                var best = weights.startIndex
                for index in weights.indices where weights[index] > weights[best] { best = index }
                return UInt8(best - weights.startIndex)
            })
    }
}
