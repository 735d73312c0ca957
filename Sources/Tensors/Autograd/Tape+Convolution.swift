struct ConvolutionRecord {
    let x: Variable
    let y: Variable
    let weight: Parameter
    let window: MapWindow
}

struct PoolRecord {
    let x: Variable
    let y: Variable
    let window: MapWindow
    let isMaximum: Bool
}

/// What a dense convolution works in; its contents matter to nobody afterwards.
public struct ConvolutionRoom {
    /// Kernels as they are multiplied with, (outputs, taps * inputs).
    let kernels: MatrixView
    /// Windows of a tile of outputs, (rows, taps * inputs).
    let windows: MatrixView
    /// The gradient of the kernels; nil forward.
    let gradient: MatrixView?
}

extension Tape {
    /// A convolution over all channels of maps.
    ///
    /// Shapes: x (images * pixels, inputs), weight (outputs, inputs * taps), which files have as (out, in, height, width) and of
    /// which fewer inputs are leading columns, y (images * output pixels, outputs).
    ///
    /// - Parameter moments: Takes the moments of y as it is computed.
    public func convolve(
        _ x: Variable, weight: Parameter, _ window: MapWindow, tallying moments: Moments? = nil
    ) -> Variable {
        let y = makeVariable(rows: outputRows(of: x, window), columns: weight.value.rows)
        inRoom(of: weight, window, rows: y.value.rows, isBackward: false) { room in
            backend.convolve(
                x.value, weights: weight.value, window, room: room, into: y.value, accumulating: false,
                moments: moments)
        }
        if isRecording {
            operations.append(.convolution(ConvolutionRecord(x: x, y: y, weight: weight, window: window)))
        }
        return y
    }

    /// y becomes y + the convolution of x + bias where it stands; only while not recording.
    ///
    /// Shapes: those of ``convolve(_:weight:_:tallying:)``, bias (1, outputs).
    public func addConvolution(
        _ x: Variable, weight: Parameter, bias: Parameter, _ window: MapWindow, to y: Variable
    ) {
        precondition(!isRecording, "a recorded pass needs its values on the way back")
        inRoom(of: weight, window, rows: y.value.rows, isBackward: false) { room in
            backend.convolve(
                x.value, weights: weight.value, window, room: room, into: y.value, accumulating: true, moments: nil)
        }
        backend.addRow(bias.value, to: y.value)
    }

    func convolutionBackward(_ record: ConvolutionRecord) {
        guard let dy = arrived(record.y.index) else { return }
        let dx = isWanted(record.x.index) ? accumulator(record.x.index) : nil
        inRoom(of: record.weight, record.window, rows: dy.rows, isBackward: true) { room in
            backend.convolveBackward(
                record.x.value, weights: record.weight.value, record.window, dy: dy, room: room, into: dx,
                weightGradient: record.weight.gradient)
        }
        finish(record.y.index)
    }

    /// Memory that is given back at once, so that a pass has that of its largest convolution.
    private func inRoom(
        of weight: Parameter, _ window: MapWindow, rows: Int, isBackward: Bool, _ body: (ConvolutionRoom) -> Void
    ) {
        let mark = arena.mark, columns = weight.value.columns
        let tile = RowTiles.size(rows: rows, columns: columns)
        body(
            ConvolutionRoom(
                kernels: arena.matrix(rows: weight.value.rows, columns: columns),
                windows: arena.matrix(rows: tile, columns: columns),
                gradient: isBackward ? arena.matrix(rows: weight.value.rows, columns: columns) : nil))
        arena.release(to: mark)
    }

    private func outputRows(of x: Variable, _ window: MapWindow) -> Int {
        precondition(x.value.rows % window.pixels == 0, "the rows are whole maps")
        return x.value.rows / window.pixels * window.outPixels
    }

    // MARK: Pools

    /// The mean over step x step places of maps, at the far ends over those that are there; the kernel does not matter.
    ///
    /// Shapes: x (images * pixels, channels), y (images * output pixels, channels).
    public func meanPool(_ x: Variable, _ window: MapWindow) -> Variable { pool(x, window, isMaximum: false) }

    /// The maximum over the 3 x 3 places around every step-th place of maps, of those that are there.
    ///
    /// Shapes: those of ``meanPool(_:_:)``.
    public func maxPool(_ x: Variable, _ window: MapWindow) -> Variable { pool(x, window, isMaximum: true) }

    private func pool(_ x: Variable, _ window: MapWindow, isMaximum: Bool) -> Variable {
        let y = makeVariable(rows: outputRows(of: x, window), columns: x.value.columns)
        if isMaximum {
            backend.maxPool(x.value, window, into: y.value)
        } else {
            backend.meanPool(x.value, window, into: y.value)
        }
        if isRecording { operations.append(.pool(PoolRecord(x: x, y: y, window: window, isMaximum: isMaximum))) }
        return y
    }

    func poolBackward(_ record: PoolRecord) {
        guard let dy = arrived(record.y.index) else { return }
        if record.isMaximum {
            backend.maxPoolBackward(
                record.x.value, maxima: record.y.value, record.window, dy: dy, into: accumulator(record.x.index))
        } else {
            backend.meanPoolBackward(dy, record.window, into: accumulator(record.x.index))
        }
        finish(record.y.index)
    }
}
