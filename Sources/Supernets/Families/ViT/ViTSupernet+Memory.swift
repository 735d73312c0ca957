import SearchSpaces

extension ViTSupernet {
    /// Floats of an arena that holds any pass over a batch; see ``Supernet``.
    ///
    /// Counted op by op for the largest architecture, as `forward` and `evaluate` allocate.
    public func arenaFloats(batch: Int, for use: ArenaUse) -> Int {
        switch use {
        case .evaluation: evaluatedFloats(batch)
        case .training: recordedFloats(batch)
        case .maskedTraining: recordedFloats(batch) + maskedFloats(batch)
        }
    }

    /// Matrices that a backward pass holds at a time: the stream's gradient and those around an attention.
    private static let gradientSlots = 8

    private func matrix(_ rows: Int, _ columns: Int) -> Int { (rows * columns + 15) / 16 * 16 }

    private func alignedRows(_ rows: Int, _ columns: Int) -> Int { rows * matrix(1, columns) }

    private func recordedFloats(_ batch: Int) -> Int {
        let tokens = geometry.tokens, rows = batch * tokens
        var floats = embeddingFloats(batch)
        var largest = max(matrix(rows, sizes.embed), matrix(batch * (tokens - 1), geometry.patchValues))
        largest = max(largest, matrix(batch, geometry.classes))
        for index in 0..<sizes.depth {
            let isLast = index == sizes.depth - 1
            floats += attentionFloats(batch, index, isLast: isLast, recording: true)
            floats += mlpFloats(isLast ? batch : rows, index, recording: true)
            largest = max(largest, matrix(rows, sizes.heads[index] * geometry.headWidth))
            largest = max(largest, matrix(isLast ? batch : rows, sizes.mlpHidden[index]))
            // The scores' gradient of an attention.
            floats += isLast ? 0 : alignedRows(tokens, tokens)
        }
        floats += classificationFloats(batch)
        // Dropout sites hold a copy and the factors of each branch.
        floats += (2 * sizes.depth + 1) * 2 * matrix(rows, sizes.embed)
        return floats + Self.gradientSlots * largest
    }

    /// What masks add: a copy of what each of them acts on, and rows of factors and of their sums.
    private func maskedFloats(_ batch: Int) -> Int {
        let rows = batch * geometry.tokens, width = sizes.embed
        return (0..<sizes.depth).map { index in
            let attention = sizes.heads[index] * geometry.headWidth, hidden = sizes.mlpHidden[index]
            return matrix(rows, attention) + matrix(rows, hidden) + 2 * matrix(rows, width)
                + 2 * (matrix(1, attention) + matrix(1, hidden) + 2 * matrix(1, width))
        }.reduce(0, +)
    }

    private func evaluatedFloats(_ batch: Int) -> Int {
        let rows = batch * geometry.tokens
        var working = classificationFloats(batch)
        for index in 0..<sizes.depth {
            working = max(working, attentionFloats(batch, index, isLast: false, recording: false))
            working = max(working, attentionFloats(batch, index, isLast: true, recording: false))
            working = max(working, mlpFloats(rows, index, recording: false))
        }
        // Each half of a block on the way keeps a sum and a branch.
        return embeddingFloats(batch) + 2 * sizes.depth * 2 * matrix(rows, sizes.embed) + working
    }

    private func embeddingFloats(_ batch: Int) -> Int {
        let patches = batch * (geometry.tokens - 1)
        return matrix(patches, geometry.patchValues) + matrix(patches, sizes.embed)
            + matrix(batch * geometry.tokens, sizes.embed)
    }

    private func normFloats(_ rows: Int) -> Int { matrix(rows, 2) + 2 * matrix(rows, sizes.embed) }

    private func attentionFloats(_ batch: Int, _ index: Int, isLast: Bool, recording: Bool) -> Int {
        let tokens = geometry.tokens, rows = batch * tokens
        let heads = sizes.heads[index], attention = heads * geometry.headWidth
        if isLast {
            let asked = matrix(batch * heads, sizes.embed), scores = alignedRows(batch * heads, tokens)
            // Twice where the backward has gradients of both.
            return normFloats(rows) + 3 * matrix(batch, sizes.embed) + 2 * matrix(batch, attention)
                + (recording ? 3 : 2) * asked + (recording ? 2 : 1) * scores
        }
        return normFloats(rows) + 4 * matrix(rows, attention)
            + alignedRows((recording ? batch * heads : 1) * tokens, tokens) + matrix(rows, sizes.embed)
    }

    private func mlpFloats(_ rows: Int, _ index: Int, recording: Bool) -> Int {
        let hidden = matrix(rows, sizes.mlpHidden[index])
        return normFloats(rows) + hidden * (recording ? 2 : 1) + matrix(rows, sizes.embed)
    }

    private func classificationFloats(_ batch: Int) -> Int { normFloats(batch) + matrix(batch, geometry.classes) }
}
