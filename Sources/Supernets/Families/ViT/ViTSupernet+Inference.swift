internal import SearchSpaces
internal import Tensors

extension ViTSupernet {
    /// What the largest genome computes; see ``Supernet/inference``.
    ///
    /// As the head reads the class token alone, the last block asks, projects and transforms that token alone.
    public var inference: InferenceGraph? {
        let image = geometry.image
        var graph = InferenceGraph(input: .map(height: image.height, width: image.width, columns: image.channels))
        let grid = PatchGrid(
            height: image.height, width: image.width, channels: image.channels, side: geometry.patch)
        let vectors = graph.add(parameters.patch, graph.add(.patches(grid), graph.input))
        var stream = graph.add(
            .tokens(classToken: parameters.classToken, positions: parameters.positions), vectors)
        for (index, block) in parameters.blocks.enumerated() {
            let normal = graph.add(block.attentionNorm, stream)
            var asking = normal
            if index == parameters.blocks.count - 1 {
                asking = graph.add(.first, normal)
                stream = graph.add(.first, stream)
            }
            let query = graph.add(block.query, asking)
            let key = graph.add(block.key, normal), value = graph.add(block.value, normal)
            let mixed = graph.add(.attention(headWidth: geometry.headWidth), query, key, value)
            stream = graph.add(block.projection, mixed, adding: stream)
            let between = graph.add(block.mlpNorm, stream)
            let inner = graph.add(block.expansion, between, function: .gelu)
            stream = graph.add(block.contraction, inner, adding: stream)
        }
        _ = graph.add(parameters.head, graph.add(parameters.finalNorm, stream))
        return graph
    }
}
