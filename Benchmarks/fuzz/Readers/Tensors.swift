import CFuzzer
@testable import Supernets
@testable import Tensors
@testable import Training

extension Format {
    /// safetensors: as it is, as a checkpoint, and as a network.
    static let tensors = Format(
        name: "safetensors",
        read: { bytes in
            let file = Scratch.place(bytes, "tensors")
            guard let reader = try? SafetensorsReader(file: file) else { return }
            var sum: UInt8 = 0
            reader.forEach { name, bytes in for byte in bytes { sum &+= byte } }
            for name in reader.names {
                guard let shape = reader.shape(of: name) else { fatalError("a tensor without a shape") }
                let count = shape.reduce(1, *)
                guard count > 0 else { continue }
                let buffer = FloatBuffer(count: count)
                try? reader.read(
                    name, into: MatrixView(base: buffer.base, rows: 1, columns: count), shape: [1, count])
            }
            if let checkpoint = try? CheckpointFile(file) { try? checkpoint.checkDigest() }
            if let model = try? ExtractedModel(file: file) {
                var written: [UInt8] = []
                model.write { written += $0 }
            }
        },
        repair: { bytes in
            // The header says how long it is: as long as it looks, where a closing brace stands before the numbers.
            guard bytes.count > 16 else { return }
            var depth = 0, isText = false, place = 8
            while place < bytes.count {
                let byte = bytes[place]
                if isText {
                    if byte == UInt8(ascii: "\\") { place += 1 } else if byte == UInt8(ascii: "\"") { isText = false }
                } else if byte == UInt8(ascii: "\"") {
                    isText = true
                } else if byte == UInt8(ascii: "{") {
                    depth += 1
                } else if byte == UInt8(ascii: "}") {
                    depth -= 1
                    if depth == 0 { break }
                }
                place += 1
            }
            guard place < bytes.count else { return }
            let length = place + 1 - 8
            for index in 0..<8 { bytes[index] = UInt8(truncatingIfNeeded: length >> (8 * index)) }
        })
}
