/// Why OpenBLAS cannot be used.
public enum BLASError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The shared library could not be opened.
    case notFound(library: String, reason: String)
    /// The processor lacks the instructions of the kernels that the user asked for.
    case unsupportedKernels(name: String)
    /// The shared library lacks a function.
    case missingSymbol(String)

    public var description: String {
        switch self {
        case .notFound(let library, let reason):
            "cannot open \(library): \(reason); install it with: apt-get install libopenblas-dev"
        case .unsupportedKernels(let name):
            "this processor cannot run OpenBLAS's kernels '\(name)', which OPENBLAS_CORETYPE asks for; unset it"
        case .missingSymbol(let name):
            "the OpenBLAS that was found has no function \(name); install Debian's: apt-get install libopenblas-dev"
        }
    }
}
