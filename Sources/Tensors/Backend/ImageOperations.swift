/// What a ``Backend`` computes over maps of images.
///
/// A map has a row of channels for each pixel: rows (image, row, column), columns (channel). A subnet's map has its own
/// channels only, side by side.
public protocol ImageOperations: AnyObject, Sendable {
    /// y[n, r, c, m] = sum over taps of x[n, step r + dr, step c + dc, m] w[tap, m], zeros beyond the sides.
    ///
    /// Shapes: x (images * height * width, channels), weights (taps, channels), y (images * outHeight * outWidth,
    /// channels). Taps go in rings from the centre, each ring row by row, so that a smaller kernel is the leading rows.
    func depthwise(_ x: MatrixView, weights: MatrixView, _ window: MapWindow, into y: MatrixView)
    /// Raises the gradient of the weights, and takes dy to the inputs where that is wanted.
    func depthwiseBackward(
        _ x: MatrixView, weights: MatrixView, _ window: MapWindow, dy: MatrixView, into dx: Accumulator?,
        weightGradient: MatrixView)
    /// The values under a kernel at each place of images: row (image, row, column) holds them in the order (row, column,
    /// channel), zeros beyond the sides.
    ///
    /// Shapes: images (images, height * width * channels), windows (images * outHeight * outWidth, taps * channels).
    func cutWindows(of images: MatrixView, _ window: MapWindow, into windows: MatrixView)
    /// Images at another size: y = the rows of x taken together, then the columns, as ``Resampling`` says.
    ///
    /// Shapes: images (images, height * width * channels), room (1, width * channels), y (images, outHeight * outWidth *
    /// channels).
    func resample(_ images: MatrixView, _ resampling: Resampling, room: MatrixView, into y: MatrixView)

    /// y[n, r, c, o] = (y when accumulating) + the sum over inputs and taps of x[n, step r + dr, step c + dc, i] w[o, i, tap], zeros
    /// beyond the sides.
    ///
    /// Shapes: x (images * height * width, inputs), weights (outputs, inputs * taps), the taps of each input row by row, y (images *
    /// outHeight * outWidth, outputs).
    ///
    /// - Parameter moments: Takes the moments of y as it is computed.
    func convolve(
        _ x: MatrixView, weights: MatrixView, _ window: MapWindow, room: ConvolutionRoom, into y: MatrixView,
        accumulating: Bool, moments: Moments?)
    /// Raises the gradient of the weights, and takes dy to the inputs where that is wanted.
    func convolveBackward(
        _ x: MatrixView, weights: MatrixView, _ window: MapWindow, dy: MatrixView, room: ConvolutionRoom,
        into dx: Accumulator?, weightGradient: MatrixView)
    /// y[r] += row, for every row.
    func addRow(_ row: MatrixView, to y: MatrixView)
    /// The mean over step x step places, at the far ends over those that are there.
    func meanPool(_ x: MatrixView, _ window: MapWindow, into y: MatrixView)
    /// Takes the shares of dy to the inputs.
    func meanPoolBackward(_ dy: MatrixView, _ window: MapWindow, into dx: Accumulator)
    /// The maximum over the 3 x 3 places around every step-th place, of those that are there.
    func maxPool(_ x: MatrixView, _ window: MapWindow, into y: MatrixView)
    /// Takes dy to the first place, row by row, that has the maximum.
    func maxPoolBackward(
        _ x: MatrixView, maxima y: MatrixView, _ window: MapWindow, dy: MatrixView, into dx: Accumulator)

    /// Adds rows to the moments of each column, of which so many rows are in already.
    ///
    /// Tiles of rows are merged in their order, so the result depends on how rows are handed over.
    ///
    /// Source: Chan, Golub and LeVeque, "Updating Formulae and a Pairwise Algorithm for Computing Sample Variances"
    /// (1979), eq. 2.1.
    func addMoments(of x: MatrixView, rowsBefore: Int, to moments: Moments)
    /// What a norm computes with, from moments over so many rows: rows (mean, 1 / sqrt(variance + epsilon)).
    func statistics(of moments: Moments, rows: Int, epsilon: Double, into statistics: MatrixView)
    /// The same from means and variances.
    func statistics(mean: MatrixView, variance: MatrixView, epsilon: Double, into statistics: MatrixView)
    /// Writes means and biased variances of moments over so many rows into memory of the host.
    func download(
        _ moments: Moments, rows: Int, means: UnsafeMutableBufferPointer<Double>,
        variances: UnsafeMutableBufferPointer<Double>)
    /// y = activation((x - mean) * inverse * gain + offset) + shortcut, column by column; y may be x.
    ///
    /// - Parameter factors: Room for a row.
    func channelNorm(
        _ x: MatrixView, statistics: MatrixView, gain: MatrixView, offset: MatrixView, activation: MapActivation,
        shortcut: MatrixView?, factors: MatrixView, into y: MatrixView)
    /// With n = (x - mean) * inverse and d = dy * activation'(n * gain + offset), where mean and inverse come from x itself:
    /// dgain += sum d n, doffset += sum d, dx = gain * inverse * (d - mean d - n mean(d n)). dx may be dy.
    ///
    /// - Parameters:
    ///   - sums: Room for two sums a column.
    ///   - means: Room for two values a column.
    func channelNormBackward(
        _ x: MatrixView, statistics: MatrixView, gain: MatrixView, offset: MatrixView, activation: MapActivation,
        dy: MatrixView, into dx: MatrixView, gainGradient: MatrixView, offsetGradient: MatrixView, sums: Moments,
        means: MatrixView)

    /// dx = dy * activation'(x); dx may be dy.
    ///
    /// - Parameter constants: A row of 0 and a row of 1.
    func activationBackward(
        _ x: MatrixView, _ activation: MapActivation, constants: MatrixView, dy: MatrixView, into dx: MatrixView)

    /// y[n, p, c] = x[n, p, c] * hardSigmoid(gates[n, c]), where hardSigmoid(g) = min(max(0, g + 3), 6) / 6.
    ///
    /// - Parameter factors: Receives the hard sigmoids, as large as the gates.
    func gateMaps(_ x: MatrixView, by gates: MatrixView, factors: MatrixView, into y: MatrixView)
    /// Takes dy to the maps and to the gates.
    ///
    /// - Parameter sums: Room for a row.
    func gateMapsBackward(
        _ x: MatrixView, gates: MatrixView, factors: MatrixView, dy: MatrixView, into dx: Accumulator,
        gateGradient: Accumulator, sums: MatrixView)
}

/// How a kernel goes over maps: every `step` pixels down and across, padded so that an output has ceil(side / step) pixels.
public struct MapWindow: Sendable, Equatable {
    /// Pixels from top to bottom of a map.
    public let height: Int
    /// Pixels from left to right.
    public let width: Int
    /// Taps of the kernel's side: 3, 5 or 7.
    public let kernel: Int
    /// Pixels from one window to the next: 1 or 2 for depthwise convolutions, at most 4; of pools the side, too.
    public let step: Int

    /// Creates a window.
    public init(height: Int, width: Int, kernel: Int, step: Int = 1) {
        precondition(height > 0 && width > 0, "a map has pixels")
        precondition([3, 5, 7].contains(kernel) && (1...4).contains(step), "there are kernels of 3, 5 and 7")
        (self.height, self.width, self.kernel, self.step) = (height, width, kernel, step)
    }

    /// Pixels of a map.
    public var pixels: Int { height * width }
    /// Rows of an output map.
    public var outHeight: Int { (height + step - 1) / step }
    /// Columns of an output map.
    public var outWidth: Int { (width + step - 1) / step }
    /// Pixels of an output map.
    public var outPixels: Int { outHeight * outWidth }
    /// Taps of the kernel.
    public var taps: Int { kernel * kernel }

    /// The rows of maps whose outputs are the rows of whole images.
    func inputs(of outputs: Range<Int>) -> Range<Int> {
        outputs.lowerBound / outPixels * pixels..<outputs.upperBound / outPixels * pixels
    }

    /// Where a tap lies among those of a depthwise kernel, which go in rings from the centre: in the order of files, row by
    /// row, by the place in rings.
    public static func ringOrder(kernel: Int) -> [Int] {
        let centre = kernel / 2
        func ring(_ tap: Int) -> Int { max(abs(tap / kernel - centre), abs(tap % kernel - centre)) }
        return (0..<kernel * kernel).sorted { (ring($0), $0) < (ring($1), $1) }
    }
}

/// What follows a norm over channels.
public enum MapActivation: Sendable, CaseIterable {
    /// Nothing.
    case none
    /// max(0, y).
    case relu
    /// min(max(0, y), 6).
    case relu6
    /// y min(max(0, y + 3), 6) / 6.
    case hardSwish
    /// y / (1 + exp(-y)).
    case swish
}

/// Mean and sum of squared distances from it, in double, of each column of what was handed over.
public struct Moments {
    /// Means, then sums of squares: two values of double precision a column, in the memory of four floats.
    let memory: MatrixView
    /// Number of columns.
    public let columns: Int

    /// Memory of an arena for so many columns.
    init(columns: Int, in arena: Arena) { self.init(memory: arena.matrix(rows: 1, columns: 4 * columns)) }

    /// Takes memory of four floats a column.
    private init(memory: MatrixView) {
        precondition(memory.isContiguous && memory.columns % 4 == 0, "moments have four floats a column")
        self.memory = memory
        columns = memory.rows * memory.columns / 4
    }
}
