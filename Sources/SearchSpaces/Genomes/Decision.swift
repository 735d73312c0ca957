/// One choice that a search space leaves open: a name, where it applies, and the options to pick from.
public struct Decision: Sendable, Hashable {
    /// Where in the network a decision applies.
    public enum Scope: Sendable, Hashable, CustomStringConvertible {
        /// The whole network.
        case network
        /// One block, counted from 0.
        case block(Int)

        public var description: String {
            switch self {
            case .network: "network"
            case .block(let index): "block.\(index)"
            }
        }
    }

    /// The key of the space file, such as `heads`.
    public let name: String
    /// Where the decision applies.
    public let scope: Scope
    /// The values to choose from, ascending for ordinal decisions; at most 256.
    public let options: [Double]
    /// Whether neighbouring options are alike, as sizes are.
    public let isOrdinal: Bool

    /// Creates a decision.
    public init(name: String, scope: Scope, options: [Double], isOrdinal: Bool = true) {
        self.name = name
        self.scope = scope
        self.options = options
        self.isOrdinal = isOrdinal
    }
}
