struct ClassAttentionRecord {
    let query: Variable
    let x: Variable
    let y: Variable
    let key: Parameter
    let value: Parameter
    let valueBias: Parameter
    /// Queries in the width of x: row (sequence, head).
    let asked: MatrixView
    let probabilities: MatrixView
    /// Mean tokens under the probabilities: row (sequence, head).
    let means: MatrixView
    let tokens: Int
    let headWidth: Int

    var sequences: Int { y.value.rows }
    var heads: Int { y.value.columns / headWidth }

    /// The rows of one head, one for each sequence, of a matrix with rows (sequence, head).
    func ofHead(_ matrix: MatrixView, _ head: Int) -> MatrixView {
        MatrixView(
            base: matrix.base + head * matrix.stride, rows: sequences, columns: matrix.columns,
            stride: heads * matrix.stride)
    }

    /// The rows of one sequence, one for each head.
    func ofSequence(_ matrix: MatrixView, _ sequence: Int) -> MatrixView {
        matrix.block(row: sequence * heads, column: 0, rows: heads, columns: matrix.columns)
    }

    /// The tokens of one sequence.
    func tokens(_ matrix: MatrixView, _ sequence: Int) -> MatrixView {
        matrix.block(row: sequence * tokens, column: 0, rows: tokens, columns: matrix.columns)
    }

    /// The columns of one head of a matrix with one row a sequence.
    func columns(_ matrix: MatrixView, _ head: Int) -> MatrixView {
        matrix.block(row: 0, column: head * headWidth, rows: matrix.rows, columns: headWidth)
    }

    /// The rows of a weight (out, in) that belong to one head.
    func rows(_ weight: MatrixView, _ head: Int) -> MatrixView {
        weight.block(row: head * headWidth, column: 0, rows: headWidth, columns: weight.columns)
    }
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
        let record = ClassAttentionRecord(
            query: query, x: x, y: makeVariable(rows: sequences, columns: attention), key: key, value: value,
            valueBias: valueBias, asked: arena.matrix(rows: rows, columns: width),
            probabilities: arena.matrixOfAlignedRows(rows: rows, columns: tokens),
            means: arena.matrix(rows: rows, columns: width),
            tokens: tokens, headWidth: headWidth)
        for head in 0..<record.heads {
            kernels.multiply(
                record.columns(query.value, head), record.rows(key.value, head), into: record.ofHead(record.asked, head)
            )
        }
        for sequence in 0..<sequences {
            kernels.multiply(
                record.ofSequence(record.asked, sequence), transposed: false, record.tokens(x.value, sequence),
                transposed: true, into: record.ofSequence(record.probabilities, sequence))
        }
        kernels.softmax(record.probabilities, scale: 1 / Float(headWidth).squareRoot())
        for sequence in 0..<sequences {
            kernels.multiply(
                record.ofSequence(record.probabilities, sequence), record.tokens(x.value, sequence),
                into: record.ofSequence(record.means, sequence))
        }
        for head in 0..<record.heads {
            kernels.multiply(
                record.ofHead(record.means, head), transposed: false, record.rows(value.value, head), transposed: true,
                into: record.columns(record.y.value, head), bias: valueBias.value.base + head * headWidth)
        }
        if isRecording { operations.append(.classAttention(record)) }
        return record.y
    }

    /// With M the means, U the queries in the width of x, and P the probabilities: dM = dY Wv, dWv += dY^T M; dP = dM x^T,
    /// dx += P^T dM; dS = softmax backward of dP; dU = dS x, dx += dS^T U; dq = dU Wk^T, dWk += q^T dU.
    func classAttentionBackward(_ record: ClassAttentionRecord) {
        guard let dy = arrived(record.y.index) else { return }
        let width = record.x.value.columns
        let means = arena.matrix(rows: record.means.rows, columns: width)
        let scores = arena.matrixOfAlignedRows(rows: record.means.rows, columns: record.tokens)
        kernels.addColumnSums(of: dy, to: record.valueBias.gradient.base)
        for head in 0..<record.heads {
            let upstream = record.columns(dy, head)
            kernels.multiply(upstream, record.rows(record.value.value, head), into: record.ofHead(means, head))
            kernels.multiply(
                upstream, transposed: true, record.ofHead(record.means, head), transposed: false,
                into: record.rows(record.value.gradient, head), accumulating: true)
        }
        let (dx, accumulating) = accumulator(record.x.index)
        for sequence in 0..<record.sequences {
            let tokens = record.tokens(record.x.value, sequence), dTokens = record.tokens(dx, sequence)
            let p = record.ofSequence(record.probabilities, sequence), ds = record.ofSequence(scores, sequence)
            let dm = record.ofSequence(means, sequence)
            kernels.multiply(dm, transposed: false, tokens, transposed: true, into: ds)
            kernels.multiply(p, transposed: true, dm, transposed: false, into: dTokens, accumulating: accumulating)
            kernels.softmaxBackward(probabilities: p, gradient: ds, scale: 1 / Float(record.headWidth).squareRoot())
            kernels.multiply(
                ds, transposed: true, record.ofSequence(record.asked, sequence), transposed: false, into: dTokens,
                accumulating: true)
            // The gradient of the means has been read: its place takes that of the queries.
            kernels.multiply(ds, tokens, into: dm)
        }
        let (dq, isAdded) = accumulator(record.query.index)
        for head in 0..<record.heads {
            let asked = record.ofHead(means, head)
            kernels.multiply(
                asked, transposed: false, record.rows(record.key.value, head), transposed: true,
                into: record.columns(dq, head), accumulating: isAdded)
            kernels.multiply(
                record.columns(record.query.value, head), transposed: true, asked, transposed: false,
                into: record.rows(record.key.gradient, head), accumulating: true)
        }
        finish(record.y.index)
    }
}
