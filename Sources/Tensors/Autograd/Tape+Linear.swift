/// What follows the product and the bias of a linear layer.
public enum Activation: Sendable {
    /// Nothing.
    case none
    /// x Phi(x), exact erf form.
    case gelu
    /// max(0, x).
    case relu
}

struct LinearRecord {
    let x: Variable
    let y: Variable
    let weight: Parameter
    let bias: Parameter?
    let slope: MatrixView?
}

extension Tape {
    /// y = activation(x W^T + b).
    ///
    /// Shapes: x (rows, in), weight (out, in), bias (1, out), y (rows, out). Weight and bias are slices in place. Without a
    /// bias, over the pixels of maps, it is a pointwise convolution.
    ///
    /// - Parameters:
    ///   - bias: What is added; nil for nothing, where no activation follows.
    ///   - moments: Takes the moments of y as it is computed; for a product alone.
    public func linear(
        _ x: Variable, weight: Parameter, bias: Parameter?, activation: Activation = .none,
        tallying moments: Moments? = nil
    ) -> Variable {
        precondition(
            weight.value.columns == x.value.columns
                && bias.map { $0.value.columns == weight.value.rows } ?? (activation == .none),
            "weight and bias fit the input")
        let rows = x.value.rows, columns = weight.value.rows
        let y = makeVariable(rows: rows, columns: columns)
        if let moments {
            precondition(bias == nil && activation == .none, "moments are those of a product")
            RowTiles.forEach(rows: rows, columns: columns) { range in
                let tile = y.value.rows(range)
                backend.multiply(
                    x.value.rows(range), transposed: false, weight.value, transposed: true, into: tile)
                backend.addMoments(of: tile, rowsBefore: range.lowerBound, to: moments)
            }
        } else {
            // An activation takes the bias in its own pass.
            backend.multiply(
                x.value, transposed: false, weight.value, transposed: true, into: y.value,
                bias: activation == .none ? bias?.value : nil)
        }
        var slope: MatrixView?
        if activation != .none, isRecording { slope = arena.matrix(rows: rows, columns: columns) }
        switch (activation, bias) {
        case (.gelu, let bias?): backend.biasGELU(y.value, bias: bias.value, into: y.value, slope: slope)
        case (.relu, let bias?): backend.biasReLU(y.value, bias: bias.value, into: y.value, slope: slope)
        default: break
        }
        if isRecording {
            operations.append(.linear(LinearRecord(x: x, y: y, weight: weight, bias: bias, slope: slope)))
        }
        return y
    }

    /// y becomes y + x W^T + b where it stands; only while not recording.
    ///
    /// Shapes: x (rows, in), weight (out, in), bias (1, out), y (rows, out).
    public func addLinear(_ x: Variable, weight: Parameter, bias: Parameter, to y: Variable) {
        precondition(!isRecording, "a recorded pass needs its values on the way back")
        backend.multiply(
            x.value, transposed: false, weight.value, transposed: true, into: y.value, bias: bias.value,
            accumulating: true)
    }

    /// dW += dy^T x, db += column sums of dy, dx += dy W, where dy has the activation's slope multiplied in.
    func linearBackward(_ record: LinearRecord) {
        guard var dy = arrived(record.y.index) else { return }
        if let slope = record.slope {
            dy = accumulator(record.y.index).view
            backend.multiply(dy, by: slope, addingColumnSumsTo: record.bias?.gradient)
        } else if let bias = record.bias {
            backend.addColumnSums(of: dy, to: bias.gradient)
        }
        backend.multiply(
            dy, transposed: true, record.x.value, transposed: false, into: record.weight.gradient,
            accumulating: true)
        if isWanted(record.x.index) {
            let (dx, accumulating) = accumulator(record.x.index)
            backend.multiply(
                dy, transposed: false, record.weight.value, transposed: false, into: dx,
                accumulating: accumulating)
        }
        finish(record.y.index)
    }
}
