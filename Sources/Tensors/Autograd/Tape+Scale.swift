struct ScaleRecord {
    let x: Variable
    let y: Variable
    let factor: Float
}

extension Tape {
    /// y = factor x.
    public func scale(_ x: Variable, by factor: Float) -> Variable {
        let y = makeVariable(rows: x.value.rows, columns: x.value.columns)
        let count = x.value.rows * x.value.columns
        y.value.base.update(from: x.value.base, count: count)
        kernels.scale(UnsafeMutableBufferPointer(start: y.value.base, count: count), by: factor)
        if isRecording { operations.append(.scale(ScaleRecord(x: x, y: y, factor: factor))) }
        return y
    }

    func scaleBackward(_ record: ScaleRecord) {
        guard arrived(record.y.index) != nil else { return }
        let dy = accumulator(record.y.index).view
        kernels.scale(UnsafeMutableBufferPointer(start: dy.base, count: dy.rows * dy.columns), by: record.factor)
        pass(from: record.y.index, to: record.x.index)
        finish(record.y.index)
    }
}
