public import SearchSpaces
public import Tensors

/// The masks of an elastic vision transformer: which channels of the stream, blocks, heads and hidden units are there.
struct ViTMasks: Sendable {
    typealias Entry = ParameterLayout.Entry

    /// The masks of one block.
    struct Block: Sendable {
        /// One value: whether the block is there, a gate on both of its branches.
        let gate: Entry
        /// One value a head.
        let heads: Entry
        /// One value a hidden unit.
        let hidden: Entry
    }

    let layout: ParameterLayout
    /// One value a channel of the token stream.
    let embed: Entry
    let blocks: [Block]

    init(sizes: ViTArchitecture) {
        var layout = ParameterLayout()
        embed = layout.add("embed", columns: sizes.embed)
        blocks = (0..<sizes.depth).map { index in
            Block(
                gate: layout.add("blocks.\(index).gate", columns: 1),
                heads: layout.add("blocks.\(index).heads", columns: sizes.heads[index]),
                hidden: layout.add("blocks.\(index).hidden", columns: sizes.mlpHidden[index]))
        }
        self.layout = layout
    }
}

extension ViTSupernet {
    /// Where the masks lie in a flat buffer; see ``Supernet``.
    public var maskLayout: ParameterLayout { masks.layout }

    private func hidden(embed: Int, ratio: Int) -> Int {
        Int(Double(geometry.embed[embed]) * geometry.mlpRatio[ratio])
    }

    /// Each option has a leading part of the units: a value of a mask is the weight of the options that reach it.
    ///
    /// The hidden width is a product of two choices, so its masks are too.
    public func fillMasks(_ masks: FloatBuffer, from weights: OptionWeights, on backend: any Backend) {
        let places = self.masks
        backend.fill(masks.whole, with: 0)
        func raise(_ entry: ParameterLayout.Entry, upTo count: Int, by weight: Float) {
            guard weight != 0 else { return }
            backend.add(weight, to: masks[entry.offset..<entry.offset + min(count, entry.columns)])
        }
        let embed = Array(weights[ViTFamily.embedDecision]), depth = Array(weights[ViTFamily.depthDecision])
        for (option, size) in geometry.embed.enumerated() { raise(places.embed, upTo: size, by: embed[option]) }
        for (index, block) in places.blocks.enumerated() {
            for (option, size) in geometry.depth.enumerated() where size > index {
                raise(block.gate, upTo: 1, by: depth[option])
            }
            for (option, weight) in weights[ViTFamily.headsDecision(index)].enumerated() {
                raise(block.heads, upTo: geometry.heads[option], by: weight)
            }
            for (ratio, weight) in weights[ViTFamily.ratioDecision(index)].enumerated() {
                for option in embed.indices {
                    raise(block.hidden, upTo: hidden(embed: option, ratio: ratio), by: weight * embed[option])
                }
            }
        }
    }

    /// Each option's gradient is the sum over the units that it has.
    public func optionGradient(
        ofMasks gradient: FloatBuffer, at weights: OptionWeights, on backend: any Backend
    ) -> OptionWeights {
        let places = masks
        var result = OptionWeights(space.decisions)
        func total(_ entry: ParameterLayout.Entry, upTo count: Int) -> Float {
            backend.sum(of: gradient[entry.offset..<entry.offset + min(count, entry.columns)])
        }
        func add(_ value: Float, to option: Int, of decision: Int) {
            result.values[result.range(of: decision).lowerBound + option] += value
        }
        let embed = Array(weights[ViTFamily.embedDecision])
        for (option, size) in geometry.embed.enumerated() {
            add(total(places.embed, upTo: size), to: option, of: ViTFamily.embedDecision)
        }
        for (index, block) in places.blocks.enumerated() {
            for (option, size) in geometry.depth.enumerated() where size > index {
                add(total(block.gate, upTo: 1), to: option, of: ViTFamily.depthDecision)
            }
            for (option, size) in geometry.heads.enumerated() {
                add(total(block.heads, upTo: size), to: option, of: ViTFamily.headsDecision(index))
            }
            for (ratio, weight) in weights[ViTFamily.ratioDecision(index)].enumerated() {
                for option in embed.indices {
                    let sum = total(block.hidden, upTo: hidden(embed: option, ratio: ratio))
                    add(embed[option] * sum, to: ratio, of: ViTFamily.ratioDecision(index))
                    add(weight * sum, to: option, of: ViTFamily.embedDecision)
                }
            }
        }
        return result
    }

    /// Logits of a batch of images under masks, at full width; see ``Supernet``.
    public func forward(
        _ images: MatrixView, masked masks: ParameterStore, with store: ParameterStore, on tape: Tape
    ) -> Variable {
        let context = Weights(store: store, masks: (masks, self.masks))
        var stream = embed(cutPatches(of: images, on: tape), width: sizes.embed, with: context, on: tape)
        for index in 0..<sizes.depth {
            stream = attend(
                index, stream, heads: sizes.heads[index], isLast: index == sizes.depth - 1, with: context, on: tape)
            stream = transform(index, stream, hidden: sizes.mlpHidden[index], with: context, on: tape)
        }
        return classify(stream, with: context, on: tape)
    }
}
