internal import CKernels

// What each method does is said at `ImageOperations`.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Kernels {
    /// Windows are cut tile by tile, so that those of a tile are multiplied while they are in the cache.
    public func convolve(
        _ x: MatrixView, weights: MatrixView, _ window: MapWindow, room: ConvolutionRoom, into y: MatrixView,
        accumulating: Bool, moments: Moments?
    ) {
        var loop = check(x, weights, window, y, room)
        turn(weights, taps: window.taps, into: room.kernels)
        RowTiles.forEach(rows: y.rows, columns: weights.columns) { range in
            let windows = room.windows.leading(rows: range.count, columns: weights.columns), tile = y.rows(range)
            functions.cut_windows(
                &loop, x.columns, x.base, range.lowerBound, range.count, windows.base, windows.stride)
            multiply(
                windows, transposed: false, room.kernels, transposed: true, into: tile, accumulating: accumulating)
            if let moments { addMoments(of: tile, rowsBefore: range.lowerBound, to: moments) }
        }
    }

    /// What a tile of dy says of its windows goes to their places output by output, so that tiles do not matter.
    public func convolveBackward(
        _ x: MatrixView, weights: MatrixView, _ window: MapWindow, dy: MatrixView, room: ConvolutionRoom,
        into dx: Accumulator?, weightGradient: MatrixView
    ) {
        var loop = check(x, weights, window, dy, room)
        checkSame(weights, weightGradient)
        guard let gradient = room.gradient else { preconditionFailure("there is room for a gradient") }
        if let dx {
            checkSame(x, dx.view)
            precondition(dx.view.isContiguous, "maps have no gaps")
            if !dx.accumulating { fill(dx.view, with: 0) }
            turn(weights, taps: window.taps, into: room.kernels)
        }
        RowTiles.forEach(rows: dy.rows, columns: weights.columns) { range in
            let windows = room.windows.leading(rows: range.count, columns: weights.columns), tile = dy.rows(range)
            functions.cut_windows(
                &loop, x.columns, x.base, range.lowerBound, range.count, windows.base, windows.stride)
            multiply(
                tile, transposed: true, windows, transposed: false, into: gradient,
                accumulating: range.lowerBound > 0)
            guard let dx else { return }
            multiply(tile, transposed: false, room.kernels, transposed: false, into: windows)
            functions.add_windows(
                &loop, x.columns, windows.base, windows.stride, range.lowerBound, range.count, dx.view.base)
        }
        functions.turn_taps(
            weights.rows, x.columns, window.taps, gradient.base, gradient.stride, 1, weightGradient.base,
            weightGradient.stride)
    }

    private func turn(_ weights: MatrixView, taps: Int, into kernels: MatrixView) {
        functions.turn_taps(
            weights.rows, weights.columns / taps, taps, weights.base, weights.stride, 0, kernels.base, kernels.stride)
    }

    private func check(
        _ x: MatrixView, _ weights: MatrixView, _ window: MapWindow, _ y: MatrixView, _ room: ConvolutionRoom
    ) -> nk_window {
        precondition(
            x.isContiguous && x.rows % window.pixels == 0 && y.rows == x.rows / window.pixels * window.outPixels
                && weights.columns == x.columns * window.taps && y.columns == weights.rows,
            "maps and weights are those of the window")
        checkSame(weights, room.kernels)
        precondition(
            room.windows.columns == weights.columns
                && room.windows.rows >= RowTiles.size(rows: y.rows, columns: weights.columns),
            "there is room for a tile")
        return nk_window(window, images: x.rows / window.pixels)
    }

    public func addRow(_ row: MatrixView, to y: MatrixView) { addBias(row, to: y) }

    // MARK: Pools

    public func meanPool(_ x: MatrixView, _ window: MapWindow, into y: MatrixView) {
        var loop = checkPool(x, window, y)
        functions.mean_pool(&loop, x.columns, x.base, y.base)
    }

    public func meanPoolBackward(_ dy: MatrixView, _ window: MapWindow, into dx: Accumulator) {
        var loop = checkPool(dx.view, window, dy)
        functions.mean_pool_backward(&loop, dy.columns, dy.base, dx.accumulating ? 1 : 0, dx.view.base)
    }

    public func maxPool(_ x: MatrixView, _ window: MapWindow, into y: MatrixView) {
        var loop = checkPool(x, window, y)
        functions.max_pool(&loop, x.columns, x.base, y.base)
    }

    public func maxPoolBackward(
        _ x: MatrixView, maxima y: MatrixView, _ window: MapWindow, dy: MatrixView, into dx: Accumulator
    ) {
        checkSame(x, dx.view)
        checkSame(y, dy)
        precondition(dx.view.isContiguous && dy.isContiguous, "maps have no gaps")
        var loop = checkPool(x, window, y)
        if !dx.accumulating { fill(dx.view, with: 0) }
        functions.max_pool_backward(&loop, x.columns, x.base, y.base, dy.base, dx.view.base)
    }

    private func checkPool(_ x: MatrixView, _ window: MapWindow, _ y: MatrixView) -> nk_window {
        precondition(
            x.isContiguous && y.isContiguous && x.rows % window.pixels == 0
                && y.rows == x.rows / window.pixels * window.outPixels && x.columns == y.columns,
            "maps are those of the window")
        return nk_window(window, images: x.rows / window.pixels)
    }
}
