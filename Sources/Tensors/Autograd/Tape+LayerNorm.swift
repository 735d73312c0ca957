struct LayerNormRecord {
    let x: Variable
    let branch: Variable?
    let sum: Variable
    let y: Variable
    let gain: Parameter
    let offset: Parameter
    let statistics: MatrixView
}

extension Tape {
    /// y = (x - mean) / sqrt(variance + 1e-5) * gain + offset, over the columns.
    ///
    /// Shapes: x and y (rows, width), gain and offset (1, width): leading slices for a narrower subnet.
    public func layerNorm(_ x: Variable, gain: Parameter, offset: Parameter) -> Variable {
        norm(x, branch: nil, gain: gain, offset: offset).y
    }

    /// sum = x + branch and y = layerNorm(sum), fused; both are results.
    public func residualLayerNorm(
        _ x: Variable, branch: Variable, gain: Parameter, offset: Parameter
    ) -> (sum: Variable, y: Variable) {
        norm(x, branch: branch, gain: gain, offset: offset)
    }

    private func norm(
        _ x: Variable, branch: Variable?, gain: Parameter, offset: Parameter
    ) -> (sum: Variable, y: Variable) {
        let rows = x.value.rows, columns = x.value.columns
        precondition(gain.value.columns == columns && offset.value.columns == columns, "gain and offset fit the input")
        let statistics = arena.matrix(rows: rows, columns: 2)
        let sum = branch == nil ? x : makeVariable(rows: rows, columns: columns)
        let y = makeVariable(rows: rows, columns: columns)
        if let branch {
            backend.residualLayerNorm(
                x.value, branch: branch.value, bias: nil, gain: gain.value, offset: offset.value,
                sum: sum.value, into: y.value, statistics: statistics)
        } else {
            backend.layerNorm(
                x.value, gain: gain.value, offset: offset.value, into: y.value, statistics: statistics)
        }
        if isRecording {
            operations.append(
                .layerNorm(
                    LayerNormRecord(
                        x: x, branch: branch, sum: sum, y: y, gain: gain, offset: offset, statistics: statistics)))
        }
        return (sum, y)
    }

    /// The gradient of the sum gains that of the norm and goes on to both of its sides.
    func layerNormBackward(_ record: LayerNormRecord) {
        if let dy = arrived(record.y.index) {
            let upstream = arrived(record.sum.index)
            let into = accumulator(record.sum.index).view
            backend.layerNormBackward(
                record.sum.value, statistics: record.statistics, gain: record.gain.value, dy: dy,
                upstream: upstream, into: into, gainGradient: record.gain.gradient,
                offsetGradient: record.offset.gradient)
            finish(record.y.index)
        }
        if let branch = record.branch { passSum(record.sum, to: record.x, branch) }
    }

    /// Hands the gradient of a residual sum on to both of its sides.
    func passSum(_ sum: Variable, to x: Variable, _ branch: Variable) {
        pass(from: sum.index, to: x.index)
        pass(from: sum.index, to: branch.index)
        finish(sum.index)
    }
}

struct MaskedLayerNormRecord {
    let x: Variable
    let branch: Variable?
    let sum: Variable
    let y: Variable
    let mask: Parameter
    let gain: Parameter
    let offset: Parameter
    let statistics: MatrixView
}

extension Tape {
    /// y = mask * ((x - mean) / sqrt(variance + 1e-5) * gain + offset) over the columns that the mask keeps: mean =
    /// sum(mask x) / sum(mask), variance = sum(mask (x - mean)^2) / sum(mask).
    ///
    /// With a mask of ones at the front and zeros behind, y begins with the layer norm of the leading columns. The mask
    /// may hold any values of 0 or more whose sum is positive. With a branch, x is first raised by it, as in
    /// `residualLayerNorm`.
    ///
    /// Shapes: x, branch, sum and y (rows, width), mask, gain and offset (1, width).
    public func maskedLayerNorm(
        _ x: Variable, branch: Variable? = nil, mask: Parameter, gain: Parameter, offset: Parameter
    ) -> (sum: Variable, y: Variable) {
        let rows = x.value.rows, columns = x.value.columns
        precondition(
            mask.value.columns == columns && gain.value.columns == columns && offset.value.columns == columns,
            "mask, gain and offset fit the input")
        let statistics = arena.matrix(rows: rows, columns: 2)
        let sum = branch == nil ? x : makeVariable(rows: rows, columns: columns)
        let y = makeVariable(rows: rows, columns: columns)
        backend.maskedLayerNorm(
            x.value, branch: branch.map { ($0.value, sum.value) }, mask: mask.value,
            gain: gain.value, offset: offset.value, into: y.value, statistics: statistics)
        if isRecording {
            operations.append(
                .maskedLayerNorm(
                    MaskedLayerNormRecord(
                        x: x, branch: branch, sum: sum, y: y, mask: mask, gain: gain, offset: offset,
                        statistics: statistics)))
        }
        return (sum, y)
    }

    /// The gradient of the sum gains that of the norm and goes on to both of its sides.
    func maskedLayerNormBackward(_ record: MaskedLayerNormRecord) {
        if let dy = arrived(record.y.index) {
            let upstream = arrived(record.sum.index)
            let into = accumulator(record.sum.index).view
            backend.maskedLayerNormBackward(
                record.sum.value, statistics: record.statistics, mask: record.mask.value,
                gain: record.gain.value, offset: record.offset.value, dy: dy,
                upstream: upstream, into: into, gainGradient: record.gain.gradient,
                offsetGradient: record.offset.gradient, maskGradient: record.mask.gradient)
            finish(record.y.index)
        }
        if let branch = record.branch { passSum(record.sum, to: record.x, branch) }
    }
}
