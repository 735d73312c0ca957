/// One architecture of a search space: the index of the chosen option for each decision, in decision order.
public struct Genome: Sendable, Hashable {
    /// The option indices.
    public var choices: [UInt8]

    /// Creates a genome from option indices.
    public init(_ choices: [UInt8]) {
        self.choices = choices
    }
}
