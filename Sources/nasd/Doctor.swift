internal import ArgumentParser
internal import Coordinator
internal import Foundation
internal import SearchSpaces
internal import Tensors

/// `nasd doctor`: what of this machine decides speed and exact results.
struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the processor, vector path and BLAS kernels that runs would use.")

    func run() throws {
        let kernels = try Failure.catching { try Kernels() }
        let chosen =
            switch kernels.blas.choice {
            case .user: "by OPENBLAS_CORETYPE"
            case .processor: "by nasd for this processor"
            case .library: "by OpenBLAS"
            }
        Output.line("cores         \(ProcessInfo.processInfo.activeProcessorCount)")
        Output.line("memory GiB    \(MachineMemory.bytes >> 30)")
        Output.line("vector path   \(kernels.path.rawValue)")
        Output.line("products      \(kernels.products == .vector ? "own kernels" : "OpenBLAS")")
        Output.line("BLAS kernels  \(kernels.blas.coreName), chosen \(chosen)")
        Output.line("BLAS          \(kernels.blas.configuration)")
        Output.line("numerics      \(Numerics.fingerprint(kernels))")
    }
}

/// `nasd version`: what this is, and under which licence.
struct Version: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Tell the version and the licence.")

    func run() {
        Output.line("nasd \(ProductVersion.text)")
        Output.line("MIT licence, Copyright (c) 2026 The nasd authors; libraries: Documentation/licenses.md")
    }
}
