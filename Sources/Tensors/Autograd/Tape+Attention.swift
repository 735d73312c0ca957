struct AttentionRecord {
    let query: Variable
    let key: Variable
    let value: Variable
    let y: Variable
    let operands: AttentionOperands
}

extension Tape {
    /// Multi-head attention within each sequence: softmax(Q K^T / sqrt(headWidth)) V, head by head.
    ///
    /// Shapes: query, key, value and y (sequences * tokens, heads * headWidth); head h owns columns
    /// h * headWidth ..< (h + 1) * headWidth, so fewer heads are a leading slice.
    public func attention(
        query: Variable, key: Variable, value: Variable, tokens: Int, headWidth: Int
    ) -> Variable {
        let rows = key.value.rows, width = query.value.columns
        precondition(
            value.value.rows == rows && key.value.columns == width && value.value.columns == width
                && rows % tokens == 0 && width % headWidth == 0 && query.value.rows == rows,
            "query, key and value hold whole sequences and whole heads")
        let sequences = rows / tokens, heads = width / headWidth
        let y = makeVariable(rows: rows, columns: width)
        let kept = isRecording ? sequences * heads : 1
        let operands = AttentionOperands(
            query: query.value, key: key.value, value: value.value,
            probabilities: arena.matrixOfAlignedRows(rows: kept * tokens, columns: tokens),
            tokens: tokens, headWidth: headWidth)
        backend.attention(operands, into: y.value)
        if isRecording {
            operations.append(
                .attention(AttentionRecord(query: query, key: key, value: value, y: y, operands: operands)))
        }
        return y
    }

    func attentionBackward(_ record: AttentionRecord) {
        guard let dy = arrived(record.y.index) else { return }
        // One variable may be several of the three: it then starts from 0, so that all of them add.
        if record.query.index == record.key.index || record.query.index == record.value.index {
            clear(record.query.index)
        }
        if record.key.index == record.value.index { clear(record.key.index) }
        let dq = accumulator(record.query.index), dk = accumulator(record.key.index)
        let dv = accumulator(record.value.index)
        let tokens = record.operands.tokens
        backend.attentionBackward(
            record.operands, dy: dy, query: dq, key: dk, value: dv,
            scores: arena.matrixOfAlignedRows(rows: tokens, columns: tokens))
        finish(record.y.index)
    }
}

struct ClassAttentionRecord {
    let query: Variable
    let x: Variable
    let y: Variable
    let operands: ClassAttentionOperands
}

extension Tape {
    /// Multi-head attention of one query a sequence, from tokens before their key and value projections.
    ///
    /// Equal to `attention` with keys x Wk^T + bk and values x Wv^T + bv, in another order: for head h, the scores
    /// q_h (Wk_h x_t + bk_h) are (q_h Wk_h) x_t up to a constant that a softmax does not see, and the mean of values
    /// sum_t p_t (Wv_h x_t + bv_h) is Wv_h (sum_t p_t x_t) + bv_h. So no token is projected: of 2 tokens width^2
    /// multiply-adds a sequence there remain 2 width^2 + 2 tokens heads width.
    ///
    /// Shapes: query and y (sequences, heads * headWidth), x (sequences * tokens, width), key and value
    /// (heads * headWidth, width), valueBias (1, heads * headWidth).
    public func classAttention(
        query: Variable, over x: Variable, key: Parameter, value: Parameter, valueBias: Parameter, tokens: Int,
        headWidth: Int
    ) -> Variable {
        let sequences = query.value.rows, attention = query.value.columns, width = x.value.columns
        precondition(
            x.value.rows == sequences * tokens && attention % headWidth == 0 && key.value.rows == attention
                && value.value.rows == attention && key.value.columns == width && value.value.columns == width
                && valueBias.value.columns == attention, "query, tokens and weights fit")
        let rows = sequences * (attention / headWidth)
        let y = makeVariable(rows: sequences, columns: attention)
        let operands = ClassAttentionOperands(
            query: query.value, x: x.value, key: key, value: value, valueBias: valueBias,
            asked: arena.matrix(rows: rows, columns: width),
            probabilities: arena.matrixOfAlignedRows(rows: rows, columns: tokens),
            means: arena.matrix(rows: rows, columns: width), tokens: tokens, headWidth: headWidth)
        backend.classAttention(operands, into: y.value)
        if isRecording {
            operations.append(.classAttention(ClassAttentionRecord(query: query, x: x, y: y, operands: operands)))
        }
        return y
    }

    func classAttentionBackward(_ record: ClassAttentionRecord) {
        guard let dy = arrived(record.y.index) else { return }
        let rows = record.operands.means.rows
        let means = arena.matrix(rows: rows, columns: record.operands.means.columns)
        let scores = arena.matrixOfAlignedRows(rows: rows, columns: record.operands.tokens)
        let dx = accumulator(record.x.index), dq = accumulator(record.query.index)
        backend.classAttentionBackward(record.operands, dy: dy, query: dq, x: dx, means: means, scores: scores)
        finish(record.y.index)
    }
}
