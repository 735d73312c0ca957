struct MaskRecord {
    let x: Variable
    let y: Variable
    let mask: Parameter
    /// The mask column by column.
    let factors: MatrixView
}

extension Tape {
    /// y = x with its columns multiplied by a mask: y[r, c] = x[r, c] * mask[c / unit], where each value of the mask
    /// stands for `unit` columns next to one another.
    ///
    /// x stays unmasked, so that a value of the mask that is 0 has a gradient too. One value for all columns is a gate.
    ///
    /// Shapes: x and y (rows, units * unit), mask (1, units).
    ///
    /// Source: Zhang et al., "ShiftNAS: Improving One-shot NAS via Probability Shift" (ICCV 2023), Eq. 9.
    public func mask(_ x: Variable, by mask: Parameter, unit: Int = 1) -> Variable {
        let rows = x.value.rows, columns = x.value.columns
        precondition(unit > 0 && mask.value.columns * unit == columns, "the mask covers the columns")
        let y = makeVariable(rows: rows, columns: columns)
        let factors = arena.matrix(rows: 1, columns: columns)
        for column in 0..<columns { factors.base[column] = mask.value.base[column / unit] }
        kernels.maskColumns(x.value, by: factors.base, into: y.value)
        if isRecording { operations.append(.mask(MaskRecord(x: x, y: y, mask: mask, factors: factors))) }
        return y
    }

    /// dx += dy * mask; dmask[u] += the sum of dy * x over the columns of u.
    func maskBackward(_ record: MaskRecord) {
        guard let dy = arrived(record.y.index) else { return }
        let columns = dy.columns, unit = columns / record.mask.value.columns
        let sums = arena.matrix(rows: 1, columns: columns)
        sums.row(0).update(repeating: 0)
        let (dx, accumulating) = accumulator(record.x.index)
        kernels.maskColumnsBackward(
            record.x.value, mask: record.factors.base, dy: dy, into: dx, accumulating: accumulating,
            maskGradient: sums.base)
        for column in 0..<columns { record.mask.gradient.base[column / unit] += sums.base[column] }
        finish(record.y.index)
    }
}
