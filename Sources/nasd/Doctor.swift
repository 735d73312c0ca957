internal import ArgumentParser
internal import Coordinator
internal import Foundation
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
        print("cores         \(ProcessInfo.processInfo.activeProcessorCount)")
        print("memory GiB    \(MachineMemory.bytes >> 30)")
        print("vector path   \(kernels.path.rawValue)")
        print("products      \(kernels.products == .vector ? "own kernels" : "OpenBLAS")")
        print("BLAS kernels  \(kernels.blas.coreName), chosen \(chosen)")
        print("BLAS          \(kernels.blas.configuration)")
        print("numerics      \(Numerics.fingerprint(kernels))")
    }
}
