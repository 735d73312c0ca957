// What each method does is said at `Backend`.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Kernels {
    public func attention(_ attention: AttentionOperands, into y: MatrixView) {
        let isKept = attention.probabilities.rows > attention.tokens
        for sequence in 0..<attention.sequences {
            for head in 0..<attention.heads {
                let p = attention.probabilities(isKept ? sequence : 0, isKept ? head : 0)
                let keys = attention.part(attention.key, sequence, head)
                let values = attention.part(attention.value, sequence, head)
                multiply(
                    attention.part(attention.query, sequence, head), transposed: false, keys, transposed: true, into: p)
                softmax(p, scale: attention.scale)
                multiply(p, values, into: attention.part(y, sequence, head))
            }
        }
    }

    public func attentionBackward(
        _ attention: AttentionOperands, dy: MatrixView, query: Accumulator, key: Accumulator, value: Accumulator,
        scores: MatrixView
    ) {
        for sequence in 0..<attention.sequences {
            for head in 0..<attention.heads {
                func part(_ matrix: MatrixView) -> MatrixView { attention.part(matrix, sequence, head) }
                let p = attention.probabilities(sequence, head)
                let upstream = part(dy)
                multiply(
                    p, transposed: true, upstream, into: part(value.view), accumulating: value.accumulating)
                multiply(upstream, transposed: false, part(attention.value), transposed: true, into: scores)
                softmaxBackward(probabilities: p, gradient: scores, scale: attention.scale)
                multiply(scores, part(attention.key), into: part(query.view), accumulating: query.accumulating)
                multiply(
                    scores, transposed: true, part(attention.query), into: part(key.view),
                    accumulating: key.accumulating)
            }
        }
    }

    public func classAttention(_ attention: ClassAttentionOperands, into y: MatrixView) {
        let headWidth = attention.headWidth
        for head in 0..<attention.heads {
            multiply(
                attention.columns(attention.query, head), attention.rows(attention.key.value, head),
                into: attention.ofHead(attention.asked, head))
        }
        for sequence in 0..<attention.sequences {
            multiply(
                attention.ofSequence(attention.asked, sequence), transposed: false,
                attention.tokens(attention.x, sequence), transposed: true,
                into: attention.ofSequence(attention.probabilities, sequence))
        }
        softmax(attention.probabilities, scale: attention.scale)
        for sequence in 0..<attention.sequences {
            multiply(
                attention.ofSequence(attention.probabilities, sequence), attention.tokens(attention.x, sequence),
                into: attention.ofSequence(attention.means, sequence))
        }
        for head in 0..<attention.heads {
            multiply(
                attention.ofHead(attention.means, head), transposed: false,
                attention.rows(attention.value.value, head), transposed: true, into: attention.columns(y, head),
                bias: attention.valueBias.value.block(row: 0, column: head * headWidth, rows: 1, columns: headWidth))
        }
    }

    public func classAttentionBackward(
        _ attention: ClassAttentionOperands, dy: MatrixView, query: Accumulator, x: Accumulator, means: MatrixView,
        scores: MatrixView
    ) {
        addColumnSums(of: dy, to: attention.valueBias.gradient)
        for head in 0..<attention.heads {
            let upstream = attention.columns(dy, head)
            multiply(upstream, attention.rows(attention.value.value, head), into: attention.ofHead(means, head))
            multiply(
                upstream, transposed: true, attention.ofHead(attention.means, head),
                into: attention.rows(attention.value.gradient, head), accumulating: true)
        }
        for sequence in 0..<attention.sequences {
            let tokens = attention.tokens(attention.x, sequence), dTokens = attention.tokens(x.view, sequence)
            let p = attention.ofSequence(attention.probabilities, sequence)
            let ds = attention.ofSequence(scores, sequence), dm = attention.ofSequence(means, sequence)
            multiply(dm, transposed: false, tokens, transposed: true, into: ds)
            multiply(p, transposed: true, dm, into: dTokens, accumulating: x.accumulating)
            softmaxBackward(probabilities: p, gradient: ds, scale: attention.scale)
            multiply(
                ds, transposed: true, attention.ofSequence(attention.asked, sequence), into: dTokens,
                accumulating: true)
            // The gradient of the means has been read: its place takes that of the queries.
            multiply(ds, tokens, into: dm)
        }
        for head in 0..<attention.heads {
            let asked = attention.ofHead(means, head)
            multiply(
                asked, transposed: false, attention.rows(attention.key.value, head), transposed: true,
                into: attention.columns(query.view, head), accumulating: query.accumulating)
            multiply(
                attention.columns(attention.query, head), transposed: true, asked,
                into: attention.rows(attention.key.gradient, head), accumulating: true)
        }
    }
}

extension AttentionOperands {
    /// One head of one sequence.
    func part(_ matrix: MatrixView, _ sequence: Int, _ head: Int) -> MatrixView {
        matrix.block(row: sequence * tokens, column: head * headWidth, rows: tokens, columns: headWidth)
    }

    /// The probabilities of one head of one sequence, (tokens, tokens).
    func probabilities(_ sequence: Int, _ head: Int) -> MatrixView {
        probabilities.block(row: (sequence * heads + head) * tokens, column: 0, rows: tokens, columns: tokens)
    }
}

extension ClassAttentionOperands {
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
