struct MaskedLayerNormRecord {
    let x: Variable
    let branch: Variable?
    let sum: Variable
    let y: Variable
    let mask: Parameter
    let maskSum: Float
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
        let maskSum = mask.value.row(0).reduce(0, +)
        kernels.maskedLayerNorm(
            x.value, branch: branch.map { ($0.value, sum.value) }, mask: mask.value.base, maskSum: maskSum,
            gain: gain.value.base, offset: offset.value.base, into: y.value, statistics: statistics.base)
        if isRecording {
            operations.append(
                .maskedLayerNorm(
                    MaskedLayerNormRecord(
                        x: x, branch: branch, sum: sum, y: y, mask: mask, maskSum: maskSum, gain: gain, offset: offset,
                        statistics: statistics)))
        }
        return (sum, y)
    }

    /// The gradient of the sum gains that of the norm and goes on to both of its sides.
    func maskedLayerNormBackward(_ record: MaskedLayerNormRecord) {
        if let dy = arrived(record.y.index) {
            let upstream = arrived(record.sum.index)
            let into = accumulator(record.sum.index).view
            kernels.maskedLayerNormBackward(
                record.sum.value, statistics: record.statistics.base, mask: record.mask.value.base,
                maskSum: record.maskSum, gain: record.gain.value.base, offset: record.offset.value.base, dy: dy,
                upstream: upstream, into: into, gainGradient: record.gain.gradient.base,
                offsetGradient: record.offset.gradient.base, maskGradient: record.mask.gradient.base)
            finish(record.y.index)
        }
        if let branch = record.branch { passSum(record.sum, to: record.x, branch) }
    }
}
