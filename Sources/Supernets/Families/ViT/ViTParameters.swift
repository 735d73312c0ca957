import SearchSpaces

/// The parameters of the elastic vision transformer at their largest sizes.
struct ViTParameters: Sendable {
    typealias Entry = ParameterLayout.Entry

    /// A linear layer: weight (out, in) and bias (1, out).
    struct Linear: Sendable {
        let weight: Entry
        let bias: Entry

        init(_ name: String, outputs: Int, inputs: Int, in layout: inout ParameterLayout) {
            weight = layout.add("\(name).weight", rows: outputs, columns: inputs)
            bias = layout.add("\(name).bias", columns: outputs)
        }
    }

    /// A layer norm: gain and offset (1, width).
    struct Norm: Sendable {
        let gain: Entry
        let offset: Entry

        init(_ name: String, width: Int, in layout: inout ParameterLayout) {
            gain = layout.add("\(name).weight", columns: width)
            offset = layout.add("\(name).bias", columns: width)
        }
    }

    /// One pre-norm block.
    struct Block: Sendable {
        let attentionNorm: Norm
        let query: Linear
        let key: Linear
        let value: Linear
        let projection: Linear
        let mlpNorm: Norm
        let expansion: Linear
        let contraction: Linear
    }

    let layout: ParameterLayout
    let patch: Linear
    let classToken: Entry
    let positions: Entry
    let blocks: [Block]
    let finalNorm: Norm
    let head: Linear

    init(_ space: ViTSpace) {
        var layout = ParameterLayout()
        let width = space.maximumEmbed
        let attention = space.maximumHeads * space.headWidth
        patch = Linear("patch", outputs: width, inputs: space.patchValues, in: &layout)
        classToken = layout.add("classToken", columns: width)
        positions = layout.add("positions", rows: space.tokens, columns: width)
        blocks = (0..<space.maximumDepth).map { index in
            let name = "blocks.\(index)"
            return Block(
                attentionNorm: Norm("\(name).attentionNorm", width: width, in: &layout),
                query: Linear("\(name).query", outputs: attention, inputs: width, in: &layout),
                key: Linear("\(name).key", outputs: attention, inputs: width, in: &layout),
                value: Linear("\(name).value", outputs: attention, inputs: width, in: &layout),
                projection: Linear("\(name).projection", outputs: width, inputs: attention, in: &layout),
                mlpNorm: Norm("\(name).mlpNorm", width: width, in: &layout),
                expansion: Linear("\(name).expansion", outputs: space.maximumMLPHidden, inputs: width, in: &layout),
                contraction: Linear("\(name).contraction", outputs: width, inputs: space.maximumMLPHidden, in: &layout))
        }
        finalNorm = Norm("finalNorm", width: width, in: &layout)
        head = Linear("head", outputs: space.classes, inputs: width, in: &layout)
        self.layout = layout
    }
}
