struct MaskedParameterRecord {
    let parameter: Parameter
    let masked: Parameter
    let mask: Parameter
    /// The mask column by column; nil where it is laid on rows.
    let factors: MatrixView?
}

/// What of a parameter the values of a mask stand for.
public enum MaskAxis: Sendable, Hashable {
    /// Its rows, one value each.
    case rows
    /// Its columns, one value each, or as many next to one another for each value.
    case columns
}

extension Tape {
    /// w with its columns or rows multiplied by a mask: w'[r, c] = w[r, c] * mask[c / unit], where each value of the mask stands
    /// for `unit` columns next to one another, or w'[r, c] = w[r, c] * mask[r].
    ///
    /// A linear layer that reads channels through the columns of w' reads masked ones, at no cost for each of its rows. What
    /// ops add to the gradient of w' is taken to that of w and that of the mask on the way back.
    ///
    /// Shapes: w and w' (rows, columns), mask (1, columns / unit) or (1, rows).
    ///
    /// Source: Zhang et al., "ShiftNAS: Improving One-shot NAS via Probability Shift" (ICCV 2023), Eq. 9.
    public func mask(_ parameter: Parameter, by mask: Parameter, along axis: MaskAxis) -> Parameter {
        let rows = parameter.value.rows, columns = parameter.value.columns
        let value = arena.matrix(rows: rows, columns: columns)
        var factors: MatrixView?
        switch axis {
        case .rows:
            precondition(mask.value.columns == rows, "the mask covers the rows")
            backend.blend([parameter.value], weights: Self.column(mask.value), into: value)
        case .columns:
            precondition(columns % mask.value.columns == 0, "the mask covers the columns")
            let row = arena.matrix(rows: 1, columns: columns)
            backend.mask(parameter.value, by: mask.value, factors: row, into: value)
            factors = row
        }
        guard isRecording else { return Parameter(value: value, gradient: value) }
        let gradient = arena.matrix(rows: rows, columns: columns)
        backend.fill(gradient, with: 0)
        let masked = Parameter(value: value, gradient: gradient)
        operations.append(
            .maskedParameter(
                MaskedParameterRecord(parameter: parameter, masked: masked, mask: mask, factors: factors)))
        return masked
    }

    /// dw += dw' * mask; dmask[u] += the sum of dw' * w over what u stands for.
    func maskedParameterBackward(_ record: MaskedParameterRecord) {
        let dy = record.masked.gradient, parameter = record.parameter
        if let factors = record.factors {
            backend.maskBackward(
                parameter.value, factors: factors, dy: dy, into: (parameter.gradient, true),
                sums: arena.matrix(rows: 1, columns: dy.columns), maskGradient: record.mask.gradient)
        } else {
            backend.blendBackward(
                [parameter.value], weights: Self.column(record.mask.value), dy: dy, gradients: [parameter.gradient],
                weightGradient: Self.column(record.mask.gradient))
        }
    }

    /// A row as a column.
    private static func column(_ row: MatrixView) -> MatrixView {
        MatrixView(base: row.base, rows: row.columns, columns: 1)
    }
}
