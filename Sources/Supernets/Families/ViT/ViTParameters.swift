import SearchSpaces

/// The parameters of a vision transformer: those of an elastic one at their largest sizes, or those of one architecture.
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

    /// - Parameter sizes: The architecture that the parameters are just large enough for.
    init(_ space: ViTFamily, sizes: ViTArchitecture) {
        var layout = ParameterLayout()
        let width = sizes.embed
        patch = Linear("patch", outputs: width, inputs: space.patchValues, in: &layout)
        classToken = layout.add("classToken", columns: width)
        positions = layout.add("positions", rows: space.tokens, columns: width)
        blocks = (0..<sizes.depth).map { index in
            let name = "blocks.\(index)"
            let attention = sizes.heads[index] * space.headWidth, hidden = sizes.mlpHidden[index]
            return Block(
                attentionNorm: Norm("\(name).attentionNorm", width: width, in: &layout),
                query: Linear("\(name).query", outputs: attention, inputs: width, in: &layout),
                key: Linear("\(name).key", outputs: attention, inputs: width, in: &layout),
                value: Linear("\(name).value", outputs: attention, inputs: width, in: &layout),
                projection: Linear("\(name).projection", outputs: width, inputs: attention, in: &layout),
                mlpNorm: Norm("\(name).mlpNorm", width: width, in: &layout),
                expansion: Linear("\(name).expansion", outputs: hidden, inputs: width, in: &layout),
                contraction: Linear("\(name).contraction", outputs: width, inputs: hidden, in: &layout))
        }
        finalNorm = Norm("finalNorm", width: width, in: &layout)
        head = Linear("head", outputs: space.classes, inputs: width, in: &layout)
        self.layout = layout
    }

    /// The two linear layers of each block's feed-forward part, which a mixture has experts for.
    var mixableLayers: [[Mixture.PlainLayer]] {
        blocks.enumerated().map { index, block in
            [("expansion", block.expansion), ("contraction", block.contraction)].map { name, layer in
                Mixture.PlainLayer(name: "blocks.\(index).\(name)", weight: layer.weight, bias: layer.bias)
            }
        }
    }

    /// The leading parts that a genome's shape uses, in layout order.
    func slices(of shape: ViTShape, in space: ViTFamily) -> [ParameterSlice] {
        var slices: [ParameterSlice] = []
        let width = shape.embed, depth = shape.depth
        slices.reserveCapacity(8 + 16 * depth)
        func add(_ layer: Linear, outputs: Int, inputs: Int) {
            slices.append(ParameterSlice(entry: layer.weight, rows: outputs, columns: inputs))
            slices.append(ParameterSlice(entry: layer.bias, columns: outputs))
        }
        func add(_ norm: Norm) {
            slices.append(ParameterSlice(entry: norm.gain, columns: width))
            slices.append(ParameterSlice(entry: norm.offset, columns: width))
        }
        add(patch, outputs: width, inputs: space.patchValues)
        slices.append(ParameterSlice(entry: classToken, columns: width))
        slices.append(ParameterSlice(entry: positions, columns: width))
        for index in 0..<depth {
            let block = blocks[index]
            let attention = shape.heads(index) * space.headWidth, hidden = shape.mlpHidden(index)
            add(block.attentionNorm)
            add(block.query, outputs: attention, inputs: width)
            add(block.key, outputs: attention, inputs: width)
            add(block.value, outputs: attention, inputs: width)
            add(block.projection, outputs: width, inputs: attention)
            add(block.mlpNorm)
            add(block.expansion, outputs: hidden, inputs: width)
            add(block.contraction, outputs: width, inputs: hidden)
        }
        add(finalNorm)
        add(head, outputs: space.classes, inputs: width)
        return slices
    }
}
