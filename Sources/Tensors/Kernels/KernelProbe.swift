/// Fixed inputs, and a 64-bit FNV-1a hash of the bits of outputs.
struct KernelProbe {
    private let random = CounterRandom(seed: 0x6E61_7364, stream: .initialization)
    private var buffers: [FloatBuffer] = []
    private var hash: UInt64 = 0xCBF2_9CE4_8422_2325

    var text: String {
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Values in [-1, 1), others in each matrix.
    mutating func matrix(rows: Int, columns: Int) -> MatrixView {
        let buffer = FloatBuffer(count: rows * columns)
        for index in 0..<buffer.count {
            buffer.base[index] = 2 * random.uniform(step: UInt64(buffers.count), index: UInt32(index)) - 1
        }
        buffers.append(buffer)
        return buffer.matrix(rows: rows, columns: columns)
    }

    mutating func read(_ matrices: MatrixView...) {
        for matrix in matrices { for row in 0..<matrix.rows { for value in matrix.row(row) { read(value) } } }
    }

    mutating func read(_ value: Float) {
        for shift in stride(from: 0, to: 32, by: 8) {
            hash = (hash ^ UInt64(value.bitPattern >> UInt32(shift) & 0xFF)) &* 0x100_0000_01B3
        }
    }
}
