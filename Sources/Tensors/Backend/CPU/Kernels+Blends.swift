internal import CKernels

// What each method does is said at `Backend`.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Kernels {
    public func blend(_ sources: [MatrixView], weights: MatrixView, into y: MatrixView) {
        let stride = check(sources, weights, y)
        withAddresses(of: sources) { list in
            functions.blend(
                y.rows, y.columns, sources.count, list, stride, weights.base, weights.rows == 1 ? 0 : weights.stride,
                y.base, y.stride)
        }
    }

    public func blendBackward(
        _ sources: [MatrixView], weights: MatrixView, dy: MatrixView, gradients: [MatrixView],
        weightGradient: MatrixView
    ) {
        let stride = check(sources, weights, dy)
        precondition(check(gradients, weightGradient, dy) == stride, "gradients lie as their sources do")
        checkSame(weights, weightGradient)
        precondition(weights.stride == weightGradient.stride, "gradients lie as their weights do")
        withAddresses(of: sources) { list in
            var targets: [UnsafeMutablePointer<Float>?] = gradients.map(\.base)
            targets.withUnsafeMutableBufferPointer { targets in
                guard let targets = targets.baseAddress else { return }
                functions.blend_backward(
                    dy.rows, dy.columns, sources.count, list, stride, weights.base,
                    weights.rows == 1 ? 0 : weights.stride, dy.base, dy.stride, targets, weightGradient.base)
            }
        }
    }

    /// The common stride of the sources.
    private func check(_ sources: [MatrixView], _ weights: MatrixView, _ y: MatrixView) -> Int {
        let stride = sources.first?.stride ?? 0
        precondition(
            weights.columns == sources.count && (weights.rows == y.rows || weights.rows == 1) && !sources.isEmpty,
            "a blend has a weight for each source")
        for source in sources {
            checkSame(source, y)
            precondition(source.stride == stride, "the sources of a blend have one stride")
        }
        return stride
    }

    private func withAddresses(of sources: [MatrixView], _ body: (UnsafePointer<UnsafePointer<Float>?>) -> Void) {
        let addresses: [UnsafePointer<Float>?] = sources.map { UnsafePointer($0.base) }
        addresses.withUnsafeBufferPointer { list in
            if let base = list.baseAddress { body(base) }
        }
    }
}
