struct AttentionRecord {
    let query: Variable
    let key: Variable
    let value: Variable
    let y: Variable
    let probabilities: MatrixView
    let tokens: Int
    let headWidth: Int
}

extension Tape {
    /// Multi-head attention within each sequence: softmax(Q K^T / sqrt(headWidth)) V, head by head.
    ///
    /// Shapes: query, key, value and y (sequences * tokens, heads * headWidth); head h owns columns
    /// h * headWidth ..< (h + 1) * headWidth, so fewer heads are a leading slice.
    public func attention(
        query: Variable, key: Variable, value: Variable, tokens: Int, headWidth: Int
    ) -> Variable {
        let rows = query.value.rows, width = query.value.columns
        precondition(
            key.value.rows == rows && value.value.rows == rows && key.value.columns == width
                && value.value.columns == width && rows % tokens == 0 && width % headWidth == 0,
            "query, key and value have one shape of whole sequences and whole heads")
        let sequences = rows / tokens, heads = width / headWidth
        let y = makeVariable(rows: rows, columns: width)
        let kept = isRecording ? sequences * heads : 1
        let probabilities = arena.matrix(rows: kept * tokens, columns: tokens)
        let scale = 1 / Float(headWidth).squareRoot()
        for sequence in 0..<sequences {
            for head in 0..<heads {
                let slot = isRecording ? sequence * heads + head : 0
                let p = probabilities.block(row: slot * tokens, column: 0, rows: tokens, columns: tokens)
                let part = { (v: Variable) in
                    v.value.block(row: sequence * tokens, column: head * headWidth, rows: tokens, columns: headWidth)
                }
                kernels.multiply(part(query), transposed: false, part(key), transposed: true, into: p)
                kernels.softmax(p, scale: scale)
                kernels.multiply(p, transposed: false, part(value), transposed: false, into: part(y))
            }
        }
        if isRecording {
            operations.append(
                .attention(
                    AttentionRecord(
                        query: query, key: key, value: value, y: y, probabilities: probabilities, tokens: tokens,
                        headWidth: headWidth)))
        }
        return y
    }

    /// dV = P^T dY; dP = dY V^T; dS = softmax backward of dP; dQ = dS K; dK = dS^T Q.
    func attentionBackward(_ record: AttentionRecord) {
        guard gradients[record.y.index].isWritten else { return }
        let dy = gradients[record.y.index].view
        let (dq, betaQ) = accumulator(record.query.index)
        let (dk, betaK) = accumulator(record.key.index)
        let (dv, betaV) = accumulator(record.value.index)
        let tokens = record.tokens, headWidth = record.headWidth
        let sequences = dy.rows / tokens, heads = dy.columns / headWidth
        let scale = 1 / Float(headWidth).squareRoot()
        let ds = arena.matrix(rows: tokens, columns: tokens)
        for sequence in 0..<sequences {
            for head in 0..<heads {
                let part = { (v: MatrixView) in
                    v.block(row: sequence * tokens, column: head * headWidth, rows: tokens, columns: headWidth)
                }
                let p = record.probabilities.block(
                    row: (sequence * heads + head) * tokens, column: 0, rows: tokens, columns: tokens)
                kernels.multiply(p, transposed: true, part(dy), transposed: false, into: part(dv), beta: betaV)
                kernels.multiply(part(dy), transposed: false, part(record.value.value), transposed: true, into: ds)
                kernels.softmaxBackward(probabilities: p, gradient: ds, scale: scale)
                kernels.multiply(
                    ds, transposed: false, part(record.key.value), transposed: false, into: part(dq), beta: betaQ)
                kernels.multiply(
                    ds, transposed: true, part(record.query.value), transposed: false, into: part(dk), beta: betaK)
            }
        }
    }
}
