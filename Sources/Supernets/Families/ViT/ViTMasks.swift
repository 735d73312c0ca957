internal import SearchSpaces
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

    let plan: MaskPlan
    /// One value a channel of the token stream.
    let embed: Entry
    let blocks: [Block]

    init(_ family: ViTFamily, sizes: ViTArchitecture) {
        var plan = MaskPlan()
        embed = plan.add("embed", count: sizes.embed, .of(decision: ViTFamily.embedDecision, counts: family.embed))
        // The hidden width is a product of two choices.
        let hidden = family.mlpRatio.map { ratio in family.embed.map { Int(Double($0) * ratio) } }
        blocks = (0..<sizes.depth).map { index in
            Block(
                gate: plan.add(
                    "blocks.\(index).gate", count: 1,
                    .of(decision: ViTFamily.depthDecision, counts: family.depth.map { $0 > index ? 1 : 0 })),
                heads: plan.add(
                    "blocks.\(index).heads", count: sizes.heads[index],
                    .of(decision: ViTFamily.headsDecision(index), counts: family.heads)),
                hidden: plan.add(
                    "blocks.\(index).hidden", count: sizes.mlpHidden[index],
                    .ofProduct(
                        first: ViTFamily.embedDecision, second: ViTFamily.ratioDecision(index), counts: hidden)))
        }
        self.plan = plan
    }
}

extension ViTSupernet {
    /// The masks of the network's units.
    public var masks: MaskPlan { maskEntries.plan }

    /// Logits of a batch of images under masks, at full width; see ``MaskableSupernet``.
    public func forward(
        _ images: MatrixView, masked masks: ParameterStore, with store: ParameterStore, on tape: Tape
    ) -> Variable {
        let context = Weights(store: store, masks: (masks, maskEntries))
        var stream = embed(cutPatches(of: images, on: tape), width: sizes.embed, with: context, on: tape)
        for index in 0..<sizes.depth {
            stream = attend(
                index, stream, heads: sizes.heads[index], isLast: index == sizes.depth - 1, with: context, on: tape)
            stream = transform(index, stream, hidden: sizes.mlpHidden[index], with: context, on: tape)
        }
        return classify(stream, with: context, on: tape)
    }
}
