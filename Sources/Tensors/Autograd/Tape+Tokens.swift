struct TokensRecord {
    let patches: Variable
    let y: Variable
    let classToken: Parameter
    let positions: Parameter
}

struct FirstTokenRecord {
    let x: Variable
    let y: Variable
    let tokens: Int
}

struct MeanTokenRecord {
    let x: Variable
    let y: Variable
    let tokens: Int
}

extension Tape {
    /// Puts a class token before each image's patches and adds the positions.
    ///
    /// y[b, 0] = classToken + positions[0]; y[b, t] = patches[b, t - 1] + positions[t].
    /// Shapes: patches (batch * (tokens - 1), width), classToken (1, width), positions (tokens, width),
    /// y (batch * tokens, width).
    public func tokens(_ patches: Variable, classToken: Parameter, positions: Parameter) -> Variable {
        let width = patches.value.columns, tokens = positions.value.rows
        precondition(
            tokens > 1 && patches.value.rows % (tokens - 1) == 0 && positions.value.columns == width
                && classToken.value.columns == width, "patches, class token and positions fit")
        let batch = patches.value.rows / (tokens - 1)
        let y = makeVariable(rows: batch * tokens, columns: width)
        for image in 0..<batch {
            for token in 0..<tokens {
                let row = y.value.row(image * tokens + token)
                let source =
                    token == 0 ? classToken.value.row(0) : patches.value.row(image * (tokens - 1) + token - 1)
                _ = row.update(fromContentsOf: source)
                kernels.add(UnsafeBufferPointer(positions.value.row(token)), to: row)
            }
        }
        if isRecording {
            operations.append(
                .tokens(TokensRecord(patches: patches, y: y, classToken: classToken, positions: positions)))
        }
        return y
    }

    func tokensBackward(_ record: TokensRecord) {
        guard let dy = arrived(record.y.index) else { return }
        let tokens = record.positions.value.rows
        let (dx, accumulating) = accumulator(record.patches.index)
        for image in 0..<dy.rows / tokens {
            for token in 0..<tokens {
                let row = dy.row(image * tokens + token)
                kernels.add(UnsafeBufferPointer(row), to: record.positions.gradient.row(token))
                if token == 0 {
                    kernels.add(UnsafeBufferPointer(row), to: record.classToken.gradient.row(0))
                } else {
                    let target = dx.row(image * (tokens - 1) + token - 1)
                    if !accumulating {
                        _ = target.update(fromContentsOf: row)
                    } else {
                        kernels.add(UnsafeBufferPointer(row), to: target)
                    }
                }
            }
        }
        finish(record.y.index)
    }

    /// The first row of every sequence. Shapes: x (batch * tokens, width), y (batch, width).
    public func firstToken(_ x: Variable, tokens: Int) -> Variable {
        precondition(tokens > 0 && x.value.rows % tokens == 0, "the rows are whole sequences")
        let batch = x.value.rows / tokens
        let y = makeVariable(rows: batch, columns: x.value.columns)
        for image in 0..<batch { _ = y.value.row(image).update(fromContentsOf: x.value.row(image * tokens)) }
        if isRecording { operations.append(.firstToken(FirstTokenRecord(x: x, y: y, tokens: tokens))) }
        return y
    }

    func firstTokenBackward(_ record: FirstTokenRecord) {
        guard let dy = arrived(record.y.index) else { return }
        let (dx, accumulating) = accumulator(record.x.index)
        if !accumulating { for row in 0..<dx.rows { dx.row(row).update(repeating: 0) } }
        for image in 0..<dy.rows {
            kernels.add(UnsafeBufferPointer(dy.row(image)), to: dx.row(image * record.tokens))
        }
        finish(record.y.index)
    }

    /// The mean row of every sequence: y[b] = 1/tokens sum_t x[b, t].
    ///
    /// Shapes: x (batch * tokens, width), y (batch, width).
    public func meanToken(_ x: Variable, tokens: Int) -> Variable {
        precondition(tokens > 0 && x.value.rows % tokens == 0, "the rows are whole sequences")
        let y = makeVariable(rows: x.value.rows / tokens, columns: x.value.columns)
        let share = 1 / Float(tokens)
        for sequence in 0..<y.value.rows {
            let row = y.value.row(sequence)
            row.update(repeating: 0)
            for token in 0..<tokens {
                kernels.add(UnsafeBufferPointer(x.value.row(sequence * tokens + token)), scaledBy: share, to: row)
            }
        }
        if isRecording { operations.append(.meanToken(MeanTokenRecord(x: x, y: y, tokens: tokens))) }
        return y
    }

    func meanTokenBackward(_ record: MeanTokenRecord) {
        guard let dy = arrived(record.y.index) else { return }
        let (dx, accumulating) = accumulator(record.x.index)
        if !accumulating { for row in 0..<dx.rows { dx.row(row).update(repeating: 0) } }
        let share = 1 / Float(record.tokens)
        for row in 0..<dx.rows {
            kernels.add(UnsafeBufferPointer(dy.row(row / record.tokens)), scaledBy: share, to: dx.row(row))
        }
        finish(record.y.index)
    }
}
