public import SearchSpaces

/// A mixture of supernets: where experts and routers lie among the trained parameters, and which weights they make.
///
/// A layer that is mixed has m experts (weights E_i, biases e_i) of the supernet's full size. For an architecture a with
/// encoding v a router gives mixing weights, and the layer computes with W = sum_i mix_i E_i and b = sum_i mix_i e_i:
///
///     h = relu(R1 v + c1),  Z = R2 h + c2
///     routing layer:   mix = softmax(Z), m numbers for both layers of a block
///     routing neuron:  mix[j] = softmax(Z[j m ..< (j + 1) m]) for output neuron j; only the rows of active neurons count
///
/// Routing reads the architecture and never the data, so that a subnet collapses exactly to a plain network.
///
/// Source: Jawahar et al., "Mixture-of-Supernets" (Findings of ACL 2024), section 3.
public struct Mixture: Sendable {
    typealias Entry = ParameterLayout.Entry

    /// A linear layer of a family's network that may be mixed.
    struct PlainLayer: Sendable {
        /// Its name, such as `blocks.3.expansion`.
        let name: String
        let weight: Entry
        /// Nil where a norm follows, which sees no scale of the weight.
        let bias: Entry?
    }

    /// A mixed layer: what is computed with, in the network's layout, and what is trained.
    struct Layer: Sendable {
        let weight: Entry
        let bias: Entry?
        let experts: [(weight: Entry, bias: Entry?)]
    }

    /// One router and the layers that it mixes.
    public struct Site: Sendable {
        /// Its name, such as `blocks.3` or `blocks.3.expansion`.
        public let name: String
        /// Rows of mixing weights: 1, or one for each output neuron of the greatest network.
        public let rows: Int
        let layers: [Layer]
        let hiddenWeight: Entry
        let hiddenBias: Entry
        let outputWeight: Entry
        let outputBias: Entry
    }

    /// The settings.
    public let settings: MixtureSettings
    /// How an architecture is told to the routers.
    public let encoding: ArchitectureEncoding
    /// Where the trained parameters lie.
    public let layout: ParameterLayout
    /// The routers, in the order of the layers.
    public let sites: [Site]
    /// For each parameter of the network by its offset, where the trained one lies; none for what is mixed.
    let shared: [Int: Int]

    /// Where the trained parameters of the routers lie, in ascending order.
    public var routerRanges: [Range<Int>] {
        sites.flatMap { [$0.hiddenWeight, $0.hiddenBias, $0.outputWeight, $0.outputBias] }.map { entry in
            entry.offset..<entry.offset + entry.rows * entry.columns
        }
    }

    /// - Parameters:
    ///   - plain: The layout of the network.
    ///   - blocks: The layers of each block that are mixed.
    init(_ space: SearchSpace, plain: ParameterLayout, blocks: [[PlainLayer]]) {
        settings = space.mixture
        encoding = ArchitectureEncoding(space, kind: settings.encoding)
        var layout = ParameterLayout(), shared: [Int: Int] = [:], sites: [Site] = []
        let mixed = Set(blocks.joined().flatMap { [$0.weight.offset] + ($0.bias.map { [$0.offset] } ?? []) })
        for entry in plain.entries where !mixed.contains(entry.offset) {
            shared[entry.offset] =
                layout.add(
                    entry.name, entry.role, shape: entry.shape, arrangement: entry.arrangement, initial: entry.initial
                ).offset
        }
        for layers in blocks {
            let groups = settings.routing == .layer ? [layers] : layers.map { [$0] }
            for group in groups {
                let name = settings.routing == .layer ? Self.block(of: group[0].name) : group[0].name
                let rows = settings.routing == .layer ? 1 : group[0].weight.rows
                sites.append(
                    Self.site(name, rows: rows, layers: group, settings, inputs: encoding.count, in: &layout))
            }
        }
        self.layout = layout
        self.shared = shared
        self.sites = sites
    }

    /// What the name of a layer begins with; the whole name of one that is in no block.
    private static func block(of layer: String) -> String {
        let parts = layer.split(separator: ".")
        return parts.count > 1 ? parts.dropLast().joined(separator: ".") : layer
    }

    /// Adds the experts and the router of a site.
    ///
    /// Experts of their own draws begin sqrt(m) times larger than plain weights, so that their even mixture begins as large;
    /// under a norm, which takes the size away and lets larger weights learn more slowly, they begin as plain ones. Differential ones are as large, and their even mixture is the plain weights.
    /// Routers: N(0, 1 / (3 inputs)), and for neuron-wise outputs N(0, 2 / (inputs + outputs)); output biases 0. Never 0
    /// for output weights: copied experts would then have equal gradients for ever.
    private static func site(
        _ name: String, rows: Int, layers: [PlainLayer], _ settings: MixtureSettings, inputs: Int,
        in layout: inout ParameterLayout
    ) -> Site {
        let mixed = layers.map { layer in
            Layer(
                weight: layer.weight, bias: layer.bias,
                experts: (0..<settings.experts).map { expert in
                    let name = "\(layer.name).experts.\(expert)"
                    let weight = layout.add(
                        name + ".weight", layer.weight.role, shape: layer.weight.shape,
                        arrangement: layer.weight.arrangement, initial: initial(of: expert, layer, settings))
                    let bias = layer.bias.map {
                        layout.add(name + ".bias", .bias, shape: $0.shape, initial: $0.initial)
                    }
                    return (weight, bias)
                })
        }
        let logits = rows * settings.experts, hidden = settings.hidden
        return Site(
            name: name, rows: rows, layers: mixed,
            hiddenWeight: layout.add(
                "\(name).router.hidden.weight", .weight, shape: [hidden, inputs], initial: .scaled(inputs: inputs)),
            hiddenBias: layout.add(
                "\(name).router.hidden.bias", .bias, shape: [hidden], initial: .scaled(inputs: inputs)),
            outputWeight: layout.add(
                "\(name).router.output.weight", .weight, shape: [logits, hidden],
                initial: settings.routing == .neuron
                    ? .normal(deviation: (2 / Float(logits + hidden)).squareRoot()) : .scaled(inputs: hidden)),
            outputBias: layout.add("\(name).router.output.bias", .bias, shape: [logits]))
    }

    /// How the weight of an expert begins; W is what the plain weight would begin with.
    private static func initial(
        of expert: Int, _ layer: PlainLayer, _ settings: MixtureSettings
    ) -> ParameterLayout.Initial {
        guard case .normal(let deviation) = layer.weight.initial else { return layer.weight.initial }
        let common = ParameterLayout.Draw(layer.weight.name, deviation: deviation), count = settings.experts
        switch settings.initialization {
        case .independent:
            if layer.bias == nil { return .normal(deviation: deviation) }
            return .normal(deviation: (Float(count) / (3 * Float(layer.weight.columns))).squareRoot())
        case .copies: return .sum([common])
        case .differential:
            // The last of an odd number has no partner.
            guard expert ^ 1 < count else { return .sum([common]) }
            let apart = deviation * Float(count - 1).squareRoot()
            return .sum([
                common,
                .init("\(layer.name).differences.\(expert / 2).weight", deviation: expert % 2 == 0 ? apart : -apart),
            ])
        }
    }
}
