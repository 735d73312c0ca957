/// How weights follow their gradient: an update rule with its moments, one flat buffer each.
///
/// An update is elementwise, so workers may update disjoint ranges in any order.
public protocol Optimizer: Sendable {
    /// The moments by name, each as large as the weights; all that a checkpoint must hold of the optimiser.
    var moments: [(name: String, values: FloatBuffer)] { get }

    /// Updates a range of the weights.
    ///
    /// - Parameters:
    ///   - step: The number of this update, counted from 1.
    ///   - rate: The learning rate.
    ///   - gradientScale: A factor of the gradient, such as that of clipping.
    func update(
        _ range: Range<Int>, of weights: FloatBuffer, by gradient: FloatBuffer, step: Int, rate: Float,
        gradientScale: Float, with kernels: Kernels)
}
