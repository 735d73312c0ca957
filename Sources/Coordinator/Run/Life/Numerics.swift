internal import Synchronization
public import Tensors
internal import Training

/// What the bits of a result depend on besides settings, space and data.
public enum Numerics {
    /// Digests by the kernels that have them: a process computes each once, whoever asks how often.
    private static let digests = Mutex<[String: String]>([:])

    /// Who computes matrix products, path of the vector kernels, rows of an evaluation, and a digest of what the kernels
    /// compute, so that a release with kernels that round differently is noticed.
    public static func fingerprint(_ kernels: Kernels) -> String {
        let products = kernels.products == .vector ? "own products" : "\(kernels.blas.coreName) products"
        let names = "\(products), vector path \(kernels.path.rawValue), chunk \(Evaluator.chunk)"
        let digest = digests.withLock { known in
            let digest = known[names] ?? kernels.digest()
            known[names] = digest
            return digest
        }
        return "\(names), digest \(digest)"
    }
}
