struct KernelTransformRecord {
    let kernel: Parameter
    let matrix: Parameter
    let result: Parameter
}

extension Tape {
    /// A kernel whose taps are sums of those of another, the same for all channels: result = matrix kernel.
    ///
    /// Its gradient is one of this pass: what follows raises it, and it goes on to kernel and matrix.
    ///
    /// Shapes: kernel (taps, channels) with the taps in rings from the centre, matrix (taps, taps), result (taps, channels).
    ///
    /// Source: Cai et al., "Once-for-All: Train One Network and Specialize it for Efficient Deployment" (ICLR 2020), section 3.2.
    public func transform(_ kernel: Parameter, by matrix: Parameter) -> Parameter {
        let taps = kernel.value.rows, channels = kernel.value.columns
        let value = arena.matrix(rows: taps, columns: channels)
        backend.multiply(matrix.value, kernel.value, into: value)
        guard isRecording else { return Parameter(value: value, gradient: value) }
        let result = Parameter(value: value, gradient: arena.matrix(rows: taps, columns: channels))
        backend.fill(result.gradient, with: 0)
        operations.append(.kernelTransform(KernelTransformRecord(kernel: kernel, matrix: matrix, result: result)))
        return result
    }

    func kernelTransformBackward(_ record: KernelTransformRecord) {
        let gradient = record.result.gradient
        backend.multiply(
            gradient, transposed: false, record.kernel.value, transposed: true, into: record.matrix.gradient,
            accumulating: true)
        backend.multiply(
            record.matrix.value, transposed: true, gradient, transposed: false, into: record.kernel.gradient,
            accumulating: true)
    }
}
