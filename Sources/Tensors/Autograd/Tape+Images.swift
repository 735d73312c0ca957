struct DepthwiseRecord {
    let x: Variable
    let y: Variable
    let weight: Parameter
    let window: MapWindow
}

struct MapGateRecord {
    let x: Variable
    let gates: Variable
    let y: Variable
    let factors: MatrixView
}

extension Tape {
    /// The convolution of each channel of maps with a kernel of its own; see ``ImageOperations/depthwise(_:weights:_:into:)``.
    ///
    /// Shapes: x (images * pixels, channels), weight (taps, channels) with the taps in rings from the centre, so that
    /// fewer channels and a smaller kernel are leading slices, y (images * output pixels, channels).
    ///
    /// - Parameter moments: Takes the moments of y as it is computed.
    public func depthwise(
        _ x: Variable, weight: Parameter, _ window: MapWindow, tallying moments: Moments? = nil
    ) -> Variable {
        precondition(x.value.rows % window.pixels == 0, "the rows are whole maps")
        let y = makeVariable(rows: x.value.rows / window.pixels * window.outPixels, columns: x.value.columns)
        if let moments {
            RowTiles.forEach(rows: y.value.rows, columns: y.value.columns, unit: window.outPixels) { range in
                let tile = y.value.rows(range)
                backend.depthwise(x.value.rows(window.inputs(of: range)), weights: weight.value, window, into: tile)
                backend.addMoments(of: tile, rowsBefore: range.lowerBound, to: moments)
            }
        } else {
            backend.depthwise(x.value, weights: weight.value, window, into: y.value)
        }
        if isRecording { operations.append(.depthwise(DepthwiseRecord(x: x, y: y, weight: weight, window: window))) }
        return y
    }

    func depthwiseBackward(_ record: DepthwiseRecord) {
        guard let dy = arrived(record.y.index) else { return }
        backend.depthwiseBackward(
            record.x.value, weights: record.weight.value, record.window, dy: dy,
            into: isWanted(record.x.index) ? accumulator(record.x.index) : nil, weightGradient: record.weight.gradient)
        finish(record.y.index)
    }

    /// The values under a kernel at each place of images, which need no gradient: with ``linear(_:weight:bias:activation:)``
    /// a dense convolution of the input.
    ///
    /// Shapes: images (images, pixels * channels), result (images * output pixels, taps * channels).
    public func windows(of images: MatrixView, _ window: MapWindow) -> Variable {
        let windows = makeVariable(
            rows: images.rows * window.outPixels, columns: images.columns / window.pixels * window.taps,
            isWanted: false)
        backend.cutWindows(of: images, window, into: windows.value)
        return windows
    }

    /// Images at another size, which need no gradient; the images themselves where there is no resampling.
    ///
    /// Shapes: images (images, places * channels), result (images, output places * channels).
    public func resampled(_ images: MatrixView, by resampling: Resampling?) -> MatrixView {
        guard let resampling else { return images }
        let channels = images.columns / resampling.places
        let room = roomForResampled(
            images.rows, places: resampling.outPlaces, from: resampling.width, channels: channels)
        backend.resample(images, resampling, room: room.row, into: room.result)
        return room.result
    }

    /// Takes the memory of ``resampled(_:by:)`` and computes nothing, for a pass that stands for others.
    ///
    /// - Parameters:
    ///   - places: Output places.
    ///   - width: Input places from left to right.
    public func takeMemory(ofResampled images: Int, places: Int, from width: Int, channels: Int) {
        _ = roomForResampled(images, places: places, from: width, channels: channels)
    }

    private func roomForResampled(
        _ images: Int, places: Int, from width: Int, channels: Int
    ) -> (result: MatrixView, row: MatrixView) {
        (arena.matrix(rows: images, columns: places * channels), arena.matrix(rows: 1, columns: width * channels))
    }

    /// y[n, p, c] = x[n, p, c] * hardSigmoid(gates[n, c]): the last step of squeeze-excite.
    ///
    /// Shapes: x and y (images * pixels, channels), gates (images, channels). y takes the place of x unless recording.
    ///
    /// Source: Howard et al., "Searching for MobileNetV3" (ICCV 2019), section 5.3.
    public func gateMaps(_ x: Variable, by gates: Variable) -> Variable {
        let y = isRecording ? makeVariable(rows: x.value.rows, columns: x.value.columns) : x
        let factors = arena.matrix(rows: gates.value.rows, columns: gates.value.columns)
        backend.gateMaps(x.value, by: gates.value, factors: factors, into: y.value)
        if isRecording { operations.append(.mapGate(MapGateRecord(x: x, gates: gates, y: y, factors: factors))) }
        return y
    }

    func mapGateBackward(_ record: MapGateRecord) {
        guard let dy = arrived(record.y.index) else { return }
        let sums = arena.matrix(rows: 1, columns: dy.columns)
        backend.gateMapsBackward(
            record.x.value, gates: record.gates.value, factors: record.factors, dy: dy,
            into: accumulator(record.x.index), gateGradient: accumulator(record.gates.index), sums: sums)
        finish(record.y.index)
    }
}
