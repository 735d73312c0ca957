internal import Tensors
internal import Training

/// What the bits of a result depend on besides settings, space and data.
enum Numerics {
    /// Kernels of matrix products, path of the vector kernels, and rows of an evaluation.
    static func fingerprint(_ kernels: Kernels) -> String {
        "\(kernels.blas.coreName) kernels, vector path \(kernels.path.rawValue), chunk \(Evaluator.chunk)"
    }
}
