import Foundation
import TestSupport
import Testing

/// Memory of tensors is touched by the backend alone: no other target holds an address of floats.
///
/// That views and buffers hand out no address is held by the compiler; here nobody makes one by other ways.
@Suite struct BackendTests {
    /// Data sets are read and augmented in memory of the host.
    static let exempt: Set<String> = ["Tensors", "Datasets"]
    static func faults(_ text: String, path: String) -> [String] {
        guard text.contains(/Unsafe(Mutable)?(Buffer)?Pointer\s*<\s*(Float|UnsafePointer)/) else { return [] }
        return ["\(path) holds an address of floats"]
    }

    @Test func onlyTheBackendTouchesTensors() throws {
        let sources = Repository.root.appending(path: "Sources")
        let files = try #require(FileManager.default.enumerator(atPath: sources.path)).compactMap { $0 as? String }
        let others = files.filter { path in
            path.hasSuffix(".swift") && !Self.exempt.contains(String(path.prefix { $0 != "/" }))
        }
        #expect(others.count > 100)
        for path in others {
            let text = try String(contentsOf: sources.appending(path: path), encoding: .utf8)
            for fault in Self.faults(text, path: path) { Issue.record("\(fault)") }
        }
    }

    /// The check itself must be able to fail.
    @Test func addressesAreSeen() {
        #expect(Self.faults("let a: UnsafeMutablePointer<Float>", path: "Training/A.swift").count == 1)
        #expect(Self.faults("let a: [UnsafePointer< Float >?]", path: "Search/A.swift").count == 1)
        #expect(Self.faults("let a: UnsafeRawBufferPointer", path: "Store/A.swift").isEmpty)
    }
}
