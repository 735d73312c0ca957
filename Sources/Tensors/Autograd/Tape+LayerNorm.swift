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
            kernels.residualLayerNorm(
                x.value, branch: branch.value, bias: nil, gain: gain.value.base, offset: offset.value.base,
                sum: sum.value, into: y.value, statistics: statistics.base)
        } else {
            kernels.layerNorm(
                x.value, gain: gain.value.base, offset: offset.value.base, into: y.value, statistics: statistics.base)
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
            kernels.layerNormBackward(
                record.sum.value, statistics: record.statistics.base, gain: record.gain.value.base, dy: dy,
                upstream: upstream, into: into, gainGradient: record.gain.gradient.base,
                offsetGradient: record.offset.gradient.base)
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
