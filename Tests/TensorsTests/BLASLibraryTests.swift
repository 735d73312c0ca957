import Foundation
import Testing

@testable import Tensors

@Suite struct BLASLibraryTests {
    @Test func opensAndTellsItsKernels() throws {
        let library = try BLASLibrary.shared.get()
        #expect(!library.coreName.isEmpty && library.coreName != "unknown")
        #expect(library.configuration.contains("OpenBLAS"))
        if library.choice == .processor {
            #expect(library.coreName.lowercased() == (VectorPath.best == .avx512 ? "skylakex" : "haswell"))
        }
    }

    /// Kernels that the processor lacks are refused: OpenBLAS would take them, and the process would end.
    @Test func kernelsThatTheProcessorLacksAreRefused() throws {
        let cores = [
            "Prescott", "Nehalem", "Sandybridge", "Haswell", "Zen", "SkylakeX", "Cooperlake", "SapphireRapids",
            "Bulldozer",
            "Piledriver", "Excavator", "nonsense", "",
        ]
        let flags = try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8).split(separator: "\n").first {
            $0.hasPrefix("flags")
        }.map { Set($0.split(separator: " ").map(String.init)) }
        guard let flags else { return }
        let needed = [
            "Sandybridge": ["avx"], "Haswell": ["avx2", "fma"], "Zen": ["avx2", "fma"], "SkylakeX": ["avx512vl"],
            "Cooperlake": ["avx512_bf16"], "SapphireRapids": ["avx512_bf16"], "Bulldozer": ["fma4"],
            "Piledriver": ["fma4"], "Excavator": ["fma4"],
        ]
        for core in cores {
            for name in [core, core.lowercased()] {
                let isRefused = (try? BLASLibrary.check(kernels: name)) == nil
                #expect(isRefused == !flags.isSuperset(of: needed[core] ?? []), "\(name)")
            }
        }
        #expect(BLASError.unsupportedKernels(name: "X").description.contains("OPENBLAS_CORETYPE"))
    }
}
