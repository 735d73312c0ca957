public import SearchSpaces
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
        "\(names(kernels)), digest \(digest(names(kernels)) { kernels.digest() })"
    }

    /// The same for a run in a space; that of convolutional networks has a digest of the kernels that only they need.
    public static func fingerprint(_ kernels: Kernels, for space: SearchSpace) -> String {
        guard space.normalizesExamples else { return fingerprint(kernels) }
        return "\(fingerprint(kernels)), of images \(digest("images, \(names(kernels))") { kernels.imageDigest() })"
    }

    private static func names(_ kernels: Kernels) -> String {
        let products = kernels.products == .vector ? "own products" : "\(kernels.blas.coreName) products"
        return "\(products), vector path \(kernels.path.rawValue), chunk \(Evaluator.chunk)"
    }

    private static func digest(_ name: String, _ compute: () -> String) -> String {
        digests.withLock { known in
            let digest = known[name] ?? compute()
            known[name] = digest
            return digest
        }
    }
}
