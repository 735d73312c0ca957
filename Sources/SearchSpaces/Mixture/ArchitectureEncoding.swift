/// An architecture as numbers of a fixed count, for networks that read architectures.
///
/// A size x counts as 0.01 + (x - least) / (greatest - least) of its options, a block that is not there as 0. The encoding
/// is a function of option weights, so that it has a gradient where architectures are learned: a size is then the mean
/// over its options, and a block is there as much as the depths that reach it weigh.
///
/// Source: Jawahar et al., "Mixture-of-Supernets" (Findings of ACL 2024): the settings of its translation (aggregate) and
/// language (per-layer, one-hot) models.
public struct ArchitectureEncoding: Sendable {
    /// What is encoded.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Each decision of the network, and the mean of each kind of decision over the blocks that are there.
        case aggregate
        /// Each decision.
        case perLayer = "per-layer"
        /// Each option: 1 where it is chosen.
        case oneHot = "one-hot"
        /// 0.5 whatever the architecture, as many numbers as `aggregate`: routers then add capacity and nothing else.
        case constant
    }

    /// What is encoded.
    public let kind: Kind
    /// Numbers of an encoding.
    public let count: Int
    private let decisions: [Decision]
    /// The options of each decision, scaled.
    private let scaled: [[Float]]
    /// For the kinds that average: where the mean of a block's decision goes.
    private let meanPlaces: [Int]

    /// Creates the encoding of a space.
    public init(_ space: SearchSpace, kind: Kind) {
        self.kind = kind
        decisions = space.decisions
        scaled = decisions.map { decision in
            let least = decision.options.first ?? 0, range = (decision.options.last ?? 0) - least
            return decision.options.map { Float(0.01 + (range > 0 ? ($0 - least) / range : 0)) }
        }
        var names: [String] = [], places: [Int] = []
        for decision in decisions {
            guard case .block = decision.scope else {
                places.append(names.count)
                names.append("")
                continue
            }
            if let place = names.firstIndex(of: decision.name) {
                places.append(place)
            } else {
                places.append(names.count)
                names.append(decision.name)
            }
        }
        meanPlaces = places
        count =
            switch kind {
            case .aggregate, .constant: names.count
            case .perLayer: decisions.count
            case .oneHot: decisions.reduce(0) { $0 + $1.options.count }
            }
    }

    /// The encoding of option weights.
    public func encode(_ weights: OptionWeights) -> [Float] {
        var result = [Float](repeating: 0, count: count)
        switch kind {
        case .constant: return [Float](repeating: 0.5, count: count)
        case .oneHot:
            for index in decisions.indices {
                let presence = presence(of: index, weights)
                for at in weights.range(of: index) { result[at] = presence * weights.values[at] }
            }
        case .perLayer:
            for index in decisions.indices { result[index] = presence(of: index, weights) * size(index, weights) }
        case .aggregate:
            let totals = totals(weights)
            for index in decisions.indices {
                result[meanPlaces[index]] +=
                    presence(of: index, weights) * size(index, weights) / totals[meanPlaces[index]]
            }
        }
        return result
    }

    /// The gradient of option weights from that of their encoding.
    public func backward(_ gradient: [Float], at weights: OptionWeights) -> OptionWeights {
        var result = OptionWeights(decisions)
        guard kind != .constant else { return result }
        let encoded = encode(weights), totals = totals(weights)
        for index in decisions.indices {
            let range = weights.range(of: index), presence = presence(of: index, weights)
            /// By the size and by the presence of the decision.
            var bySize: Float = 0, byPresence: Float = 0
            switch kind {
            case .constant: break
            case .oneHot:
                for at in range {
                    result.values[at] += presence * gradient[at]
                    byPresence += gradient[at] * weights.values[at]
                }
            case .perLayer:
                bySize = gradient[index] * presence
                byPresence = gradient[index] * size(index, weights)
            case .aggregate:
                let place = meanPlaces[index]
                bySize = gradient[place] * presence / totals[place]
                byPresence = gradient[place] * (size(index, weights) - encoded[place]) / totals[place]
            }
            for (option, at) in range.enumerated() { result.values[at] += bySize * scaled[index][option] }
            addPresence(byPresence, of: index, to: &result)
        }
        return result
    }

    private func size(_ decision: Int, _ weights: OptionWeights) -> Float {
        zip(weights[decision], scaled[decision]).map { $0 * $1 }.reduce(0, +)
    }

    /// How much a decision counts: the weight of the options under which it is active.
    private func presence(of decision: Int, _ weights: OptionWeights) -> Float {
        guard case .below(let control, let position) = decisions[decision].activity else { return 1 }
        return zip(weights[control], decisions[control].options).map { $1 > Double(position) ? $0 : 0 }.reduce(0, +)
    }

    private func addPresence(_ gradient: Float, of decision: Int, to result: inout OptionWeights) {
        guard case .below(let control, let position) = decisions[decision].activity else { return }
        let start = result.range(of: control).lowerBound
        for (option, value) in decisions[control].options.enumerated() where value > Double(position) {
            result.values[start + option] += gradient
        }
    }

    /// What is summed into each mean: the presence of its decisions.
    private func totals(_ weights: OptionWeights) -> [Float] {
        var totals = [Float](repeating: 0, count: count)
        guard kind == .aggregate else { return totals }
        for index in decisions.indices { totals[meanPlaces[index]] += presence(of: index, weights) }
        return totals
    }
}
