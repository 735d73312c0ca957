public import Tensors
internal import Training

/// What the bits of a result depend on besides settings, space and data.
public enum Numerics {
    /// Who computes matrix products, path of the vector kernels, and rows of an evaluation.
    public static func fingerprint(_ kernels: Kernels) -> String {
        let products = kernels.products == .vector ? "own products" : "\(kernels.blas.coreName) products"
        return "\(products), vector path \(kernels.path.rawValue), chunk \(Evaluator.chunk)"
    }
}
