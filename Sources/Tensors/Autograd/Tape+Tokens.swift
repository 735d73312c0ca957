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
        backend.joinTokens(patches.value, classToken: classToken.value, positions: positions.value, into: y.value)
        if isRecording {
            operations.append(
                .tokens(TokensRecord(patches: patches, y: y, classToken: classToken, positions: positions)))
        }
        return y
    }

    func tokensBackward(_ record: TokensRecord) {
        guard let dy = arrived(record.y.index) else { return }
        backend.joinTokensBackward(
            dy, patches: accumulator(record.patches.index), classToken: record.classToken.gradient,
            positions: record.positions.gradient)
        finish(record.y.index)
    }

    /// The first row of every sequence. Shapes: x (batch * tokens, width), y (batch, width).
    public func firstToken(_ x: Variable, tokens: Int) -> Variable {
        precondition(tokens > 0 && x.value.rows % tokens == 0, "the rows are whole sequences")
        let batch = x.value.rows / tokens
        let y = makeVariable(rows: batch, columns: x.value.columns)
        backend.firstRows(of: x.value, tokens: tokens, into: y.value)
        if isRecording { operations.append(.firstToken(FirstTokenRecord(x: x, y: y, tokens: tokens))) }
        return y
    }

    func firstTokenBackward(_ record: FirstTokenRecord) {
        guard let dy = arrived(record.y.index) else { return }
        backend.firstRowsBackward(dy, tokens: record.tokens, into: accumulator(record.x.index))
        finish(record.y.index)
    }

    /// The mean row of every sequence: y[b] = 1/tokens sum_t x[b, t].
    ///
    /// Shapes: x (batch * tokens, width), y (batch, width).
    public func meanToken(_ x: Variable, tokens: Int) -> Variable {
        precondition(tokens > 0 && x.value.rows % tokens == 0, "the rows are whole sequences")
        let y = makeVariable(rows: x.value.rows / tokens, columns: x.value.columns)
        backend.meanRows(of: x.value, tokens: tokens, into: y.value)
        if isRecording { operations.append(.meanToken(MeanTokenRecord(x: x, y: y, tokens: tokens))) }
        return y
    }

    func meanTokenBackward(_ record: MeanTokenRecord) {
        guard let dy = arrived(record.y.index) else { return }
        backend.meanRowsBackward(dy, tokens: record.tokens, into: accumulator(record.x.index))
        finish(record.y.index)
    }
}
