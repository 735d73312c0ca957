import SearchSpaces

/// The parameters of a vision transformer: those of an elastic one at their largest sizes, or those of one architecture.
struct ViTParameters: Sendable {
    typealias Entry = ParameterLayout.Entry

    /// One pre-norm block.
    struct Block: Sendable {
        let attentionNorm: NormLayer
        let query: LinearLayer
        let key: LinearLayer
        let value: LinearLayer
        let projection: LinearLayer
        let mlpNorm: NormLayer
        let expansion: LinearLayer
        let contraction: LinearLayer
    }

    let layout: ParameterLayout
    let patch: LinearLayer
    let classToken: Entry
    let positions: Entry
    let blocks: [Block]
    let finalNorm: NormLayer
    let head: LinearLayer

    /// Positions are as large as the embedded patches: with the usual 0.02 they drown, and short trainings lose by it
    /// (Documentation/evidence/foundation.md).
    private static let positionDeviation: Float = 0.3

    /// - Parameter sizes: The architecture that the parameters are just large enough for.
    init(_ space: ViTFamily, sizes: ViTArchitecture) {
        var layout = ParameterLayout()
        let width = sizes.embed
        patch = Self.linear("patch", outputs: width, inputs: space.patchValues, in: &layout)
        classToken = layout.add("classToken", .embedding, shape: [1, width])
        positions = layout.add(
            "positions", .embedding, shape: [space.tokens, width], initial: .normal(deviation: Self.positionDeviation))
        blocks = (0..<sizes.depth).map { index in
            let name = "blocks.\(index)"
            let attention = sizes.heads[index] * space.headWidth, hidden = sizes.mlpHidden[index]
            return Block(
                attentionNorm: NormLayer("\(name).attentionNorm", width: width, in: &layout),
                query: Self.linear("\(name).query", outputs: attention, inputs: width, in: &layout),
                key: Self.linear("\(name).key", outputs: attention, inputs: width, in: &layout),
                value: Self.linear("\(name).value", outputs: attention, inputs: width, in: &layout),
                projection: Self.linear("\(name).projection", outputs: width, inputs: attention, in: &layout),
                mlpNorm: NormLayer("\(name).mlpNorm", width: width, in: &layout),
                expansion: Self.linear("\(name).expansion", outputs: hidden, inputs: width, in: &layout),
                contraction: Self.linear("\(name).contraction", outputs: width, inputs: hidden, in: &layout))
        }
        finalNorm = NormLayer("finalNorm", width: width, in: &layout)
        head = LinearLayer("head", outputs: space.classes, inputs: width, isZero: true, in: &layout)
        self.layout = layout
    }

    /// A layer whose weight begins at 0 where it has one row, as it has since the first networks of this family.
    private static func linear(
        _ name: String, outputs: Int, inputs: Int, in layout: inout ParameterLayout
    ) -> LinearLayer {
        LinearLayer(name, outputs: outputs, inputs: inputs, isZero: outputs == 1, in: &layout)
    }

    /// The two linear layers of each block's feed-forward part, which a mixture has experts for.
    var mixableLayers: [[Mixture.PlainLayer]] {
        blocks.enumerated().map { index, block in
            [
                block.expansion.mixable("blocks.\(index).expansion"),
                block.contraction.mixable("blocks.\(index).contraction"),
            ]
        }
    }

    /// The leading parts that a genome's shape uses, in layout order.
    func slices(of shape: ViTShape, in space: ViTFamily) -> [ParameterSlice] {
        var slices: [ParameterSlice] = []
        let width = shape.embed, depth = shape.depth
        slices.reserveCapacity(8 + 16 * depth)
        func add(_ layer: LinearLayer, outputs: Int, inputs: Int) {
            layer.addSlices(outputs: outputs, inputs: inputs, to: &slices)
        }
        func add(_ norm: NormLayer) { norm.addSlices(width: width, to: &slices) }
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
