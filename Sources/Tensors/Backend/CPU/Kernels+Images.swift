internal import CKernels

// What each method does is said at `ImageOperations`.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Kernels {
    public func depthwise(_ x: MatrixView, weights: MatrixView, _ window: MapWindow, into y: MatrixView) {
        var loop = check(x, weights, window, y)
        functions.depthwise(&loop, x.columns, x.base, x.stride, weights.base, weights.stride, y.base, y.stride)
    }

    public func depthwiseBackward(
        _ x: MatrixView, weights: MatrixView, _ window: MapWindow, dy: MatrixView, into dx: Accumulator?,
        weightGradient: MatrixView
    ) {
        var loop = check(x, weights, window, dy)
        checkSame(weights, weightGradient)
        if let dx { checkSame(x, dx.view) }
        functions.depthwise_backward(
            &loop, x.columns, x.base, x.stride, weights.base, weights.stride, dy.base, dy.stride,
            dx?.accumulating == true ? 1 : 0, dx?.view.base, dx?.view.stride ?? 0, weightGradient.base,
            weightGradient.stride)
    }

    private func check(_ x: MatrixView, _ weights: MatrixView, _ window: MapWindow, _ y: MatrixView) -> nk_window {
        precondition(
            x.rows % window.pixels == 0 && y.rows == x.rows / window.pixels * window.outPixels
                && y.columns == x.columns && weights.columns == x.columns && weights.rows == window.taps
                && window.step <= 2,
            "maps and weights are those of the window")
        return nk_window(window, images: x.rows / window.pixels)
    }

    public func cutWindows(of images: MatrixView, _ window: MapWindow, into windows: MatrixView) {
        let channels = images.columns / window.pixels
        precondition(
            images.isContiguous && images.columns == channels * window.pixels
                && windows.rows == images.rows * window.outPixels && windows.columns == window.taps * channels,
            "images and windows are those of the window")
        var loop = nk_window(window, images: images.rows)
        functions.cut_windows(&loop, channels, images.base, 0, windows.rows, windows.base, windows.stride)
    }

    // MARK: Norms

    public func addMoments(of x: MatrixView, rowsBefore: Int, to moments: Moments) {
        precondition(moments.columns == x.columns && rowsBefore >= 0, "there are moments for every column")
        moments.withDoubles { means, squares in
            functions.moments(x.rows, x.columns, x.base, x.stride, rowsBefore, means, squares)
        }
    }

    public func statistics(of moments: Moments, rows: Int, epsilon: Double, into statistics: MatrixView) {
        checkStatistics(statistics, columns: moments.columns)
        let mean = statistics.row(0), inverse = statistics.row(1)
        moments.withDoubles { means, squares in
            for column in 0..<moments.columns {
                mean[column] = Float(means[column])
                inverse[column] = Float(1 / (squares[column] / Double(rows) + epsilon).squareRoot())
            }
        }
    }

    public func statistics(
        mean: MatrixView, variance: MatrixView, epsilon: Double, into statistics: MatrixView
    ) {
        checkStatistics(statistics, columns: mean.columns)
        check(mean, columns: mean.columns)
        check(variance, columns: mean.columns)
        let inverse = statistics.row(1)
        for column in 0..<mean.columns {
            statistics.row(0)[column] = mean.row(0)[column]
            inverse[column] = Float(1 / (Double(variance.row(0)[column]) + epsilon).squareRoot())
        }
    }

    public func download(
        _ moments: Moments, rows: Int, means: UnsafeMutableBufferPointer<Double>,
        variances: UnsafeMutableBufferPointer<Double>
    ) {
        precondition(
            means.count == moments.columns && variances.count == moments.columns, "there is room for every column")
        moments.withDoubles { own, squares in
            for column in 0..<moments.columns {
                means[column] = own[column]
                variances[column] = squares[column] / Double(rows)
            }
        }
    }

    public func channelNorm(
        _ x: MatrixView, statistics: MatrixView, gain: MatrixView, offset: MatrixView, activation: MapActivation,
        shortcut: MatrixView?, factors: MatrixView, into y: MatrixView
    ) {
        checkSame(x, y)
        checkStatistics(statistics, columns: x.columns)
        for row in [gain, offset, factors] { check(row, columns: x.columns) }
        if let shortcut { checkSame(x, shortcut) }
        let inverse = statistics.row(1)
        for column in 0..<x.columns { factors.base[column] = inverse[column] * gain.base[column] }
        functions.channel_norm(
            x.rows, x.columns, x.base, x.stride, statistics.base, factors.base, offset.base, activation.code,
            shortcut?.base, shortcut?.stride ?? 0, y.base, y.stride)
    }

    public func channelNormBackward(
        _ x: MatrixView, statistics: MatrixView, gain: MatrixView, offset: MatrixView, activation: MapActivation,
        dy: MatrixView, into dx: MatrixView, gainGradient: MatrixView, offsetGradient: MatrixView, sums: Moments,
        means: MatrixView
    ) {
        checkSame(x, dy)
        checkSame(x, dx)
        checkStatistics(statistics, columns: x.columns)
        checkStatistics(means, columns: x.columns)
        for row in [gain, offset, gainGradient, offsetGradient] { check(row, columns: x.columns) }
        precondition(sums.columns == x.columns, "there are sums for every column")
        let inverse = statistics.row(1)
        sums.withDoubles { total, product in
            functions.channel_sums(
                x.rows, x.columns, x.base, x.stride, statistics.base, inverse.baseAddress, gain.base, offset.base,
                activation.code, dy.base, dy.stride, total, product)
            let share = 1 / Double(x.rows)
            for column in 0..<x.columns {
                offsetGradient.base[column] += Float(total[column])
                gainGradient.base[column] += Float(product[column])
                means.row(0)[column] = Float(total[column] * share)
                means.row(1)[column] = Float(product[column] * share)
            }
            functions.channel_norm_backward(
                x.rows, x.columns, x.base, x.stride, statistics.base, inverse.baseAddress, gain.base, offset.base,
                activation.code, dy.base, dy.stride, means.base, means.row(1).baseAddress, dx.base, dx.stride)
        }
    }

    public func activationBackward(
        _ x: MatrixView, _ activation: MapActivation, constants: MatrixView, dy: MatrixView, into dx: MatrixView
    ) {
        checkSame(x, dy)
        checkSame(x, dx)
        checkStatistics(constants, columns: x.columns)
        // The backward of a norm that changes nothing.
        let zeros = constants.base, ones = constants.row(1).baseAddress
        functions.channel_norm_backward(
            x.rows, x.columns, x.base, x.stride, zeros, ones, ones, zeros, activation.code, dy.base, dy.stride, zeros,
            zeros, dx.base, dx.stride)
    }

    private func checkStatistics(_ statistics: MatrixView, columns: Int) {
        precondition(
            statistics.rows == 2 && statistics.columns == columns, "a norm over channels has two values a column")
    }

    // MARK: Gates

    public func gateMaps(_ x: MatrixView, by gates: MatrixView, factors: MatrixView, into y: MatrixView) {
        checkSame(x, y)
        checkSame(gates, factors)
        let pixels = checkGates(gates, x)
        for image in 0..<gates.rows {
            let gate = gates.row(image), factor = factors.row(image)
            for column in 0..<gates.columns { factor[column] = min(max(gate[column] + 3, 0), 6) / 6 }
            let own = x.block(row: image * pixels, column: 0, rows: pixels, columns: x.columns)
            let result = y.block(row: image * pixels, column: 0, rows: pixels, columns: x.columns)
            functions.mask_columns(
                pixels, x.columns, own.base, own.stride, factor.baseAddress, result.base, result.stride)
        }
    }

    public func gateMapsBackward(
        _ x: MatrixView, gates: MatrixView, factors: MatrixView, dy: MatrixView, into dx: Accumulator,
        gateGradient: Accumulator, sums: MatrixView
    ) {
        checkSame(x, dy)
        checkSame(x, dx.view)
        checkSame(gates, factors)
        checkSame(gates, gateGradient.view)
        check(sums, columns: x.columns)
        let pixels = checkGates(gates, x)
        for image in 0..<gates.rows {
            func own(_ matrix: MatrixView) -> MatrixView {
                matrix.block(row: image * pixels, column: 0, rows: pixels, columns: matrix.columns)
            }
            fill(sums, with: 0)
            functions.mask_backward(
                pixels, x.columns, own(x).base, x.stride, factors.row(image).baseAddress, own(dy).base, dy.stride,
                dx.accumulating ? 1 : 0, own(dx.view).base, dx.view.stride, sums.base)
            let gate = gates.row(image), target = gateGradient.view.row(image)
            for column in 0..<x.columns {
                let slope: Float = abs(gate[column]) < 3 ? 1 / 6 : 0
                target[column] = (gateGradient.accumulating ? target[column] : 0) + sums.base[column] * slope
            }
        }
    }

    private func checkGates(_ gates: MatrixView, _ x: MatrixView) -> Int {
        precondition(
            gates.columns == x.columns && gates.rows > 0 && x.rows % gates.rows == 0, "every image has its gates")
        return x.rows / gates.rows
    }
}

extension nk_window {
    init(_ window: MapWindow, images: Int) {
        self.init(
            images: images, height: window.height, width: window.width, kernel: window.kernel, step: window.step)
    }
}

extension MapActivation {
    fileprivate var code: nk_activation {
        switch self {
        case .none: nk_linear
        case .relu: nk_relu
        case .relu6: nk_relu6
        case .hardSwish: nk_hard_swish
        case .swish: nk_swish
        }
    }
}

extension Moments {
    /// Hands out the means and the sums of squares.
    func withDoubles(_ body: (UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>) -> Void) {
        memory.base.withMemoryRebound(to: Double.self, capacity: 2 * columns) { body($0, $0 + columns) }
    }
}
