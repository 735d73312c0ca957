internal import Documents

/// A mixture of supernets: experts behind the elastic feed-forward weights, mixed by what a router makes of the architecture.
///
/// Source: Jawahar et al., "Mixture-of-Supernets: Improving Weight-Sharing Supernet Training with Architecture-Routed
/// Mixture-of-Experts" (Findings of ACL 2024).
public struct MixtureSettings: Sendable, Hashable {
    /// How fine the mixing is.
    public enum Routing: String, Sendable, Hashable, CaseIterable {
        /// One set of weights for both linear layers of a block.
        case layer
        /// A set of weights for each output neuron.
        case neuron
    }

    /// How the experts begin.
    public enum Initialization: String, Sendable, Hashable, CaseIterable {
        /// Each of its own draws.
        case independent
        /// All alike, as the plain supernet's weights begin; only the routers then tell them apart.
        case copies
        /// In pairs W + D and W - D around the plain supernet's weights W, with a D of each pair's own.
        case differential
    }

    /// Experts of each weight; 1 is a plain supernet.
    public let experts: Int
    /// How fine the mixing is; default neuron.
    public let routing: Routing
    /// What the routers read of the architecture; default aggregate.
    public let encoding: ArchitectureEncoding.Kind
    /// Hidden units of a router; default 128.
    public let hidden: Int
    /// Probability of dropping a hidden unit of a router in training; default 0.
    public let dropout: Double
    /// The routers' learning rate, and so their weight decay, in units of that of all other weights; default 1.
    public let rate: Double
    /// How the experts begin; default independent.
    public let initialization: Initialization

    /// Whether weights depend on the architecture.
    public var isMixed: Bool { experts > 1 }

    init(_ reader: SectionReader) {
        reader.describe([
            "experts": "experts of each weight; 1 is a plain supernet",
            "routing": "how fine the mixing is: one set of weights for a layer, or for each output neuron",
            "encoding": "what the routers read of the architecture",
            "hidden": "hidden units of a router",
            "dropout": "probability of dropping a hidden unit of a router in training",
            "rate": "learning rate of the routers in units of that of all other weights",
            "initialization": "how the experts begin",
        ])
        experts = reader.integer("experts", default: 1, in: 1...64)
        routing = reader.word("routing", default: .neuron, standIn: .neuron)
        encoding = reader.word("encoding", default: .aggregate, standIn: .aggregate)
        hidden = reader.integer("hidden", default: 128, in: 1...4096)
        dropout = reader.number("dropout", default: 0, in: 0...0.9)
        rate = reader.number("rate", default: 1, in: 0...1000)
        initialization = reader.word("initialization", default: .independent, standIn: .independent)
        reader.finish()
    }

    /// What a space's meaning includes; of a plain supernet nothing but that it is one.
    var meaning: String {
        isMixed
            ? "experts \(experts) \(routing.rawValue) \(encoding.rawValue) \(hidden) \(dropout) \(rate)"
                + " \(initialization.rawValue)"
            : "experts 1"
    }

    func resolve(into resolved: inout ResolvedEntries) {
        resolved.add("mixture.experts", experts)
        guard isMixed else { return }
        resolved.add("mixture.routing", plain: routing.rawValue)
        resolved.add("mixture.encoding", plain: encoding.rawValue)
        resolved.add("mixture.hidden", hidden)
        resolved.add("mixture.dropout", dropout)
        resolved.add("mixture.rate", rate)
        resolved.add("mixture.initialization", plain: initialization.rawValue)
    }
}
