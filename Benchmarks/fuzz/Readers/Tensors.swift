import CFuzzer

@testable import Supernets
@testable import Tensors

extension Format {
    /// safetensors: as it is, and as a network.
    static let tensors = Format(
        name: "safetensors",
        read: { bytes in
            let file = Scratch.place(bytes, "tensors")
            guard let reader = attempt({ try SafetensorsReader(file: file) }) else { return }
            var sum: UInt8 = 0
            reader.forEach { name, bytes in for byte in bytes { sum &+= byte } }
            for name in reader.names {
                guard let shape = reader.shape(of: name) else { fatalError("a tensor without a shape") }
                let count = shape.reduce(1, *)
                guard count > 0 else { continue }
                let buffer = FloatBuffer(count: count)
                attempt({
                    try reader.read(
                        name, into: MatrixView(base: buffer.base, rows: 1, columns: count), shape: [1, count])
                })
            }
            if let model = attempt({ try ExtractedModel(file: file) }) {
                var written: [UInt8] = []
                model.write { written += $0 }
            }
        },
        repair: SafetensorsHeader.repair)
}
