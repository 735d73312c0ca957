internal import CKernels

// What each method does is said at `Backend`.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Kernels {
    public func cutPatches(of images: MatrixView, _ grid: PatchGrid, into patches: MatrixView) {
        let run = grid.side * grid.channels, line = grid.width * grid.channels
        let across = grid.width / grid.side
        precondition(
            images.columns == grid.height * line && patches.rows == images.rows * grid.count
                && patches.columns == grid.values, "images and patches are those of the grid")
        for image in 0..<images.rows {
            let pixels = images.row(image)
            for patch in 0..<grid.count {
                let target = patches.row(image * grid.count + patch)
                let start = patch / across * grid.side * line + patch % across * run
                for y in 0..<grid.side {
                    _ = target.extracting(y * run..<(y + 1) * run)
                        .update(fromContentsOf: pixels.extracting(start + y * line..<start + y * line + run))
                }
            }
        }
    }

    public func joinTokens(_ patches: MatrixView, classToken: MatrixView, positions: MatrixView, into y: MatrixView) {
        let tokens = positions.rows
        for image in 0..<y.rows / tokens {
            for token in 0..<tokens {
                let row = y.row(image * tokens + token)
                let source = token == 0 ? classToken.row(0) : patches.row(image * (tokens - 1) + token - 1)
                _ = row.update(fromContentsOf: source)
                add(positions.row(token), to: row)
            }
        }
    }

    public func joinTokensBackward(
        _ dy: MatrixView, patches: Accumulator, classToken: MatrixView, positions: MatrixView
    ) {
        let tokens = positions.rows
        for image in 0..<dy.rows / tokens {
            for token in 0..<tokens {
                let row = dy.row(image * tokens + token)
                add(row, to: positions.row(token))
                if token == 0 {
                    add(row, to: classToken.row(0))
                } else {
                    let target = patches.view.row(image * (tokens - 1) + token - 1)
                    if !patches.accumulating {
                        _ = target.update(fromContentsOf: row)
                    } else {
                        add(row, to: target)
                    }
                }
            }
        }
    }

    public func firstRows(of x: MatrixView, tokens: Int, into y: MatrixView) {
        for sequence in 0..<y.rows { _ = y.row(sequence).update(fromContentsOf: x.row(sequence * tokens)) }
    }

    public func firstRowsBackward(_ dy: MatrixView, tokens: Int, into dx: Accumulator) {
        if !dx.accumulating { fill(dx.view, with: 0) }
        for sequence in 0..<dy.rows { add(dy.row(sequence), to: dx.view.row(sequence * tokens)) }
    }

    public func meanRows(of x: MatrixView, tokens: Int, into y: MatrixView) {
        let share = 1 / Float(tokens)
        fill(y, with: 0)
        for row in 0..<x.rows { add(x.row(row), scaledBy: share, to: y.row(row / tokens)) }
    }

    public func meanRowsBackward(_ dy: MatrixView, tokens: Int, into dx: Accumulator) {
        if !dx.accumulating { fill(dx.view, with: 0) }
        let share = 1 / Float(tokens)
        for row in 0..<dx.view.rows { add(dy.row(row / tokens), scaledBy: share, to: dx.view.row(row)) }
    }

    public func fill(_ factors: MatrixView, by dropout: Dropout, site: Int, rowsPerExample: Int) {
        let columns = factors.columns, keep = 1 / (1 - dropout.rate)
        let lane = dropout.pass << 16 | UInt32(truncatingIfNeeded: site)
        let threshold = UInt32((Double(dropout.rate) * 0x1p32).rounded())
        var position = dropout.firstExample * rowsPerExample * columns
        for row in 0..<factors.rows {
            let target = factors.row(row)
            for column in 0..<columns {
                let words = dropout.random.block(
                    step: dropout.step, index: UInt32(truncatingIfNeeded: position >> 2), lane: lane)
                target[column] = words[position & 3] < threshold ? 0 : keep
                position += 1
            }
        }
    }

    private func add(
        _ x: UnsafeMutableBufferPointer<Float>, scaledBy a: Float = 1, to y: UnsafeMutableBufferPointer<Float>
    ) {
        precondition(x.count == y.count, "both sides of a sum have one size")
        guard let source = x.baseAddress, let target = y.baseAddress else { return }
        functions.add_scaled(x.count, a, source, target)
    }
}
