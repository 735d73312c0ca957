internal import CKernels
internal import COpenBLAS
internal import Foundation

/// OpenBLAS, opened at run time so that its kernels can be chosen first.
///
/// OpenBLAS goes by the processor's model and takes slow kernels where it does not know it: Debian's 0.3.21 those of AVX2 on
/// newer processors of AMD, and those of 2004 (Prescott) on newer ones of Intel, at a third of the speed. So the kernels are
/// chosen by what the processor can do. OpenBLAS reads `OPENBLAS_CORETYPE` while it loads; the variable is set just before.
/// A value that the user gave wins.
public struct BLASLibrary: Sendable {
    typealias Sgemm =
        @convention(c) (
            CBLAS_ORDER, CBLAS_TRANSPOSE, CBLAS_TRANSPOSE, blasint, blasint, blasint, Float, UnsafePointer<Float>?,
            blasint, UnsafePointer<Float>?, blasint, Float, UnsafeMutablePointer<Float>?, blasint
        ) -> Void
    private typealias SetThreads = @convention(c) (Int32) -> Void
    private typealias Name = @convention(c) () -> UnsafeMutablePointer<CChar>?

    let sgemm: Sgemm
    /// The kernel set that OpenBLAS runs, such as `SkylakeX`.
    public let coreName: String
    /// The version and build options as OpenBLAS tells them.
    public let configuration: String
    /// Who chose the kernel set.
    public let choice: Choice
    /// How many threads may multiply at a time: past what it was built for, OpenBLAS ends the process.
    public let mostThreads: Int
    /// Address space that OpenBLAS maps for each thread that multiplies at a time (its `BUFFER_SIZE` on x86-64).
    static let addressBytesOfThread = 128 << 20

    /// Who chose the kernel set.
    public enum Choice: String, Sendable {
        /// The user, by `OPENBLAS_CORETYPE`.
        case user
        /// nasd, by the processor's widest vectors.
        case processor
        /// OpenBLAS itself.
        case library
    }

    /// The library of this process, or why there is none.
    public static let shared: Result<BLASLibrary, BLASError> = Result { () throws(BLASError) in try BLASLibrary() }

    /// Checks that the processor can run the kernels of a name: OpenBLAS takes them unasked, and the process would end.
    static func check(kernels name: String) throws(BLASError) {
        if nk_has_core(name) == 0 { throw .unsupportedKernels(name: name) }
    }

    /// Reads `MAX_THREADS` of the build options; a build for one thread tells none, and serves few.
    static func mostThreads(_ configuration: String) -> Int {
        configuration.firstMatch(of: /MAX_THREADS=([0-9]+)/).flatMap { Int($0.1) }.map { max(1, $0) } ?? 1
    }

    private init() throws(BLASError) {
        let variable = "OPENBLAS_CORETYPE"
        let asked = getenv(variable).map { String(cString: $0) }
        if let asked { try Self.check(kernels: asked) }
        // Threads of its own would be started while it loads, and are never used.
        setenv("OPENBLAS_NUM_THREADS", "1", 1)
        let isOfUser = asked != nil
        let wanted = VectorPath.best.blasCore
        if !isOfUser, let wanted { setenv(variable, wanted, 0) }
        let name = "libopenblas.so.0"
        guard let handle = dlopen(name, RTLD_NOW | RTLD_LOCAL) else {
            throw BLASError.notFound(library: name, reason: dlerror().map { String(cString: $0) } ?? "unknown")
        }
        func symbol<Function>(_ name: String, as type: Function.Type) throws(BLASError) -> Function {
            guard let address = dlsym(handle, name) else { throw BLASError.missingSymbol(name) }
            return unsafeBitCast(address, to: type)
        }
        sgemm = try symbol("cblas_sgemm", as: Sgemm.self)
        // Workers are the only parallelism: one BLAS thread each keeps the bits independent of their number.
        try symbol("openblas_set_num_threads", as: SetThreads.self)(1)
        coreName = try symbol("openblas_get_corename", as: Name.self)().map { String(cString: $0) } ?? "unknown"
        // A library that was built for one kernel set does not ask for the variable.
        choice = isOfUser ? .user : coreName.lowercased() == wanted?.lowercased() ? .processor : .library
        configuration = try symbol("openblas_get_config", as: Name.self)().map { String(cString: $0) } ?? "unknown"
        mostThreads = Self.mostThreads(configuration)
    }
}

/// Why OpenBLAS cannot be used.
public enum BLASError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The shared library could not be opened.
    case notFound(library: String, reason: String)
    /// The processor lacks the instructions of the kernels that the user asked for.
    case unsupportedKernels(name: String)
    /// The shared library lacks a function.
    case missingSymbol(String)

    /// What is wrong and how to mend it.
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
