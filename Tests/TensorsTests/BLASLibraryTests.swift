import Foundation
import Tensors
import Testing

@Suite struct BLASLibraryTests {
    @Test func opensAndTellsItsKernels() throws {
        let library = try BLASLibrary.shared.get()
        #expect(!library.coreName.isEmpty && library.coreName != "unknown")
        #expect(library.configuration.contains("OpenBLAS"))
        if library.choice == .processor {
            #expect(library.coreName.lowercased() == (VectorPath.best == .avx512 ? "skylakex" : "haswell"))
        }
    }
}
