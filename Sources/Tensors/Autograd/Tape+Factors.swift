struct ScaleRecord {
    let x: Variable
    let y: Variable
    let factor: Float
}

extension Tape {
    /// y = factor x.
    public func scale(_ x: Variable, by factor: Float) -> Variable {
        let y = makeVariable(rows: x.value.rows, columns: x.value.columns)
        backend.copy(x.value, to: y.value)
        backend.scale(y.value, by: factor)
        if isRecording { operations.append(.scale(ScaleRecord(x: x, y: y, factor: factor))) }
        return y
    }

    func scaleBackward(_ record: ScaleRecord) {
        guard arrived(record.y.index) != nil else { return }
        backend.scale(accumulator(record.y.index).view, by: record.factor)
        pass(from: record.y.index, to: record.x.index)
        finish(record.y.index)
    }
}

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
        backend.mask(x.value, by: mask.value, factors: factors, into: y.value)
        if isRecording { operations.append(.mask(MaskRecord(x: x, y: y, mask: mask, factors: factors))) }
        return y
    }

    /// dx += dy * mask; dmask[u] += the sum of dy * x over the columns of u.
    func maskBackward(_ record: MaskRecord) {
        guard let dy = arrived(record.y.index) else { return }
        let sums = arena.matrix(rows: 1, columns: dy.columns)
        backend.maskBackward(
            record.x.value, factors: record.factors, dy: dy, into: accumulator(record.x.index), sums: sums,
            maskGradient: record.mask.gradient)
        finish(record.y.index)
    }
}
