public import SearchSpaces
public import Tensors

/// The masks of a family's network: a value for every unit that an architecture may lack, and which options have it.
///
/// Each option has a leading part of the units: a value of a mask is the weight of the options that reach it.
public struct MaskPlan: Sendable {
    typealias Entry = ParameterLayout.Entry

    /// Which units the options of decisions reach.
    enum Units: Sendable {
        /// So many for each option of a decision.
        case of(decision: Int, counts: [Int])
        /// So many for each pair of options, where a size is a product of two choices: counts[second][first].
        case ofProduct(first: Int, second: Int, counts: [[Int]])
    }

    /// Where the masks lie in a flat buffer.
    public private(set) var layout = ParameterLayout()
    private var masks: [(entry: Entry, units: Units)] = []

    init() {}

    /// Adds a mask of so many units.
    mutating func add(_ name: String, count: Int, _ units: Units) -> Entry {
        let entry = layout.add(name, .gain, shape: [count])
        masks.append((entry, units))
        return entry
    }

    /// The masks of option weights: of each unit, the weight of the options that have it.
    func fill(_ buffer: FloatBuffer, from weights: OptionWeights, on backend: any Backend) {
        backend.fill(buffer.whole, with: 0)
        func raise(_ entry: Entry, upTo count: Int, by weight: Float) {
            guard weight != 0, count > 0 else { return }
            backend.add(weight, to: buffer[entry.offset..<entry.offset + min(count, entry.columns)])
        }
        for (entry, units) in masks {
            switch units {
            case .of(let decision, let counts):
                for (weight, count) in zip(weights[decision], counts) { raise(entry, upTo: count, by: weight) }
            case .ofProduct(let first, let second, let counts):
                for (weight, row) in zip(weights[second], counts) {
                    for (other, count) in zip(weights[first], row) { raise(entry, upTo: count, by: weight * other) }
                }
            }
        }
    }

    /// The gradient of option weights from that of their masks: each option's is the sum over the units that it has.
    func optionGradient(
        of gradient: FloatBuffer, at weights: OptionWeights, decisions: [Decision], on backend: any Backend
    ) -> OptionWeights {
        var result = OptionWeights(decisions)
        func total(_ entry: Entry, upTo count: Int) -> Float {
            count > 0 ? backend.sum(of: gradient[entry.offset..<entry.offset + min(count, entry.columns)]) : 0
        }
        func add(_ value: Float, to option: Int, of decision: Int) {
            result.values[result.range(of: decision).lowerBound + option] += value
        }
        for (entry, units) in masks {
            switch units {
            case .of(let decision, let counts):
                for (option, count) in counts.enumerated() where count > 0 {
                    add(total(entry, upTo: count), to: option, of: decision)
                }
            case .ofProduct(let first, let second, let counts):
                let others = Array(weights[first])
                for (option, (weight, row)) in zip(weights[second], counts).enumerated() {
                    for (other, count) in row.enumerated() {
                        let sum = total(entry, upTo: count)
                        add(others[other] * sum, to: option, of: second)
                        add(weight * sum, to: other, of: first)
                    }
                }
            }
        }
        return result
    }
}

/// A supernet whose architecture can be learned by gradient: it also runs at full width under masks.
public protocol MaskableSupernet: Supernet {
    /// The masks of its units.
    var masks: MaskPlan { get }

    /// Outputs of a batch of inputs under masks, at full width, recorded on the tape where that records.
    ///
    /// With the masks of a genome, equal to ``Supernet/forward(_:as:with:on:)`` up to rounding. What is masked is computed
    /// all the same, so that the gradient of a mask's value tells what its unit would do.
    func forward(_ inputs: MatrixView, masked masks: ParameterStore, with store: ParameterStore, on tape: Tape)
        -> Variable
}

extension MaskableSupernet {
    /// The masks of option weights; with the one-hot weights of a genome, ones where it has a unit and zeros elsewhere.
    public func fillMasks(_ buffer: FloatBuffer, from weights: OptionWeights, on backend: any Backend) {
        masks.fill(buffer, from: weights, on: backend)
    }

    /// The gradient of option weights from that of their masks.
    public func optionGradient(
        ofMasks gradient: FloatBuffer, at weights: OptionWeights, on backend: any Backend
    ) -> OptionWeights {
        masks.optionGradient(of: gradient, at: weights, decisions: space.decisions, on: backend)
    }
}
