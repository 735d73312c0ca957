import Foundation
import TestSupport
import Testing

@testable import Tensors

@Suite struct SafetensorsTests {
    private func file() -> Data {
        var writer = SafetensorsWriter(metadata: ["b": "a \"quoted\"\nline\u{1}", "a": "1"])
        let large = buffer((0..<20).map(Float.init)).matrix(rows: 4, columns: 5)
        writer.add("slice", large.leading(rows: 2, columns: 3))
        writer.add("vector", buffer([7, 8]).matrix(rows: 1, columns: 2), shape: [2])
        var data = Data()
        writer.write { data.append(contentsOf: $0) }
        #expect(data.count == writer.byteCount)
        return data
    }

    @Test func roundTrip() throws {
        let reader = try SafetensorsReader(data: file(), file: "f")
        #expect(reader.metadata == ["a": "1", "b": "a \"quoted\"\nline\u{1}"])
        #expect(reader.names == ["slice", "vector"] && reader.shape(of: "vector") == [2])
        let target = zeros(12).matrix(rows: 3, columns: 4)
        try reader.read("slice", into: target.leading(rows: 2, columns: 3))
        #expect((0..<12).map { target.base[$0] } == [0, 1, 2, 0, 5, 6, 7, 0, 0, 0, 0, 0])
    }

    @Test func shapesMustFit() throws {
        let reader = try SafetensorsReader(data: file(), file: "f")
        let view = zeros(6).matrix(rows: 3, columns: 2)
        #expect(throws: TensorFileError.self) { try reader.read("slice", into: view) }
        #expect(throws: TensorFileError.self) { try reader.read("none", into: view) }
    }

    /// Every prefix is refused, and so is a longer file.
    @Test func tornFilesAreRefused() {
        let data = file()
        for count in 0..<data.count {
            #expect(throws: TensorFileError.self) { try SafetensorsReader(data: data.prefix(count), file: "f") }
        }
        #expect(throws: TensorFileError.self) { try SafetensorsReader(data: data + [0], file: "f") }
    }

    /// Mutated files are read or refused, and nothing else happens.
    @Test func mutatedFilesDoNoHarm() {
        var random = SeededGenerator(5)
        let data = file()
        for _ in 0..<3000 {
            var mutant = data
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                mutant[Int.random(in: 0..<data.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            guard let reader = try? SafetensorsReader(data: mutant, file: "f") else { continue }
            for name in reader.names {
                let view = zeros(6).matrix(rows: 2, columns: 3)
                try? reader.read(name, into: view)
            }
        }
    }
}
