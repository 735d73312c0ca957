struct AttentionRecord {
    let query: Variable
    let key: Variable
    let value: Variable
    let y: Variable
    let probabilities: MatrixView
    let tokens: Int
    let headWidth: Int

    /// One head of one sequence.
    func part(_ matrix: MatrixView, _ sequence: Int, _ head: Int) -> MatrixView {
        matrix.block(row: sequence * tokens, column: head * headWidth, rows: tokens, columns: headWidth)
    }
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
        let record = AttentionRecord(
            query: query, key: key, value: value, y: y,
            probabilities: arena.matrixOfAlignedRows(rows: kept * tokens, columns: tokens),
            tokens: tokens, headWidth: headWidth)
        let scale = 1 / Float(headWidth).squareRoot()
        for sequence in 0..<sequences {
            for head in 0..<heads {
                let p = record.probabilities.block(
                    row: isRecording ? (sequence * heads + head) * tokens : 0, column: 0, rows: tokens,
                    columns: tokens)
                let keys = record.part(key.value, sequence, head), values = record.part(value.value, sequence, head)
                kernels.multiply(
                    record.part(query.value, sequence, head), transposed: false, keys, transposed: true, into: p)
                kernels.softmax(p, scale: scale)
                kernels.multiply(
                    p, transposed: false, values, transposed: false, into: record.part(y.value, sequence, head))
            }
        }
        if isRecording { operations.append(.attention(record)) }
        return y
    }

    /// dV = P^T dY; dP = dY V^T; dS = softmax backward of dP; dQ = dS K; dK = dS^T Q.
    func attentionBackward(_ record: AttentionRecord) {
        guard let dy = arrived(record.y.index) else { return }
        // One variable may be several of the three: it then starts from 0, so that all of them add.
        if record.query.index == record.key.index || record.query.index == record.value.index {
            clear(record.query.index)
        }
        if record.key.index == record.value.index { clear(record.key.index) }
        let (dq, addsQ) = accumulator(record.query.index)
        let (dk, addsK) = accumulator(record.key.index)
        let (dv, addsV) = accumulator(record.value.index)
        let tokens = record.tokens
        let sequences = dy.rows / tokens, heads = dy.columns / record.headWidth
        let scale = 1 / Float(record.headWidth).squareRoot()
        let ds = arena.matrixOfAlignedRows(rows: tokens, columns: tokens)
        for sequence in 0..<sequences {
            for head in 0..<heads {
                let p = record.probabilities.block(
                    row: (sequence * heads + head) * tokens, column: 0, rows: tokens, columns: tokens)
                let upstream = record.part(dy, sequence, head)
                kernels.multiply(
                    p, transposed: true, upstream, transposed: false, into: record.part(dv, sequence, head),
                    accumulating: addsV)
                kernels.multiply(
                    upstream, transposed: false, record.part(record.value.value, sequence, head), transposed: true,
                    into: ds)
                kernels.softmaxBackward(probabilities: p, gradient: ds, scale: scale)
                kernels.multiply(
                    ds, transposed: false, record.part(record.key.value, sequence, head), transposed: false,
                    into: record.part(dq, sequence, head), accumulating: addsQ)
                kernels.multiply(
                    ds, transposed: true, record.part(record.query.value, sequence, head), transposed: false,
                    into: record.part(dk, sequence, head), accumulating: addsK)
            }
        }
        finish(record.y.index)
    }
}
