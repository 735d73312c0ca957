/// How the values of a matrix lie in a tensor file: as they are computed with, or as convolutions usually lie, (out, in, height,
/// width).
public enum TensorArrangement: Sendable, Equatable {
    /// Row by row.
    case rows
    /// A dense convolution: the matrix has rows (out) and columns (tap, in), the file (out, in, tap).
    case windows(inputs: Int)
    /// A depthwise convolution: the matrix has rows (tap), which go in rings from the centre, and columns (channel), the file
    /// (channel, tap) with the taps row by row.
    case rings

    /// The place in the matrix, row by row, of each value of the file; nil where they are the same.
    public func places(rows: Int, columns: Int) -> [Int]? {
        switch self {
        case .rows: return nil
        case .windows(let inputs):
            let taps = columns / inputs
            guard taps > 1, inputs > 1 else { return nil }
            return (0..<rows * columns).map { place in
                let (row, rest) = place.quotientAndRemainder(dividingBy: columns)
                return row * columns + rest % taps * inputs + rest / taps
            }
        case .rings:
            let kernel = Int(Double(rows).squareRoot())
            precondition(kernel * kernel == rows, "a kernel has as many rows as columns")
            var places = [Int](repeating: 0, count: rows * columns)
            for (ring, tap) in MapWindow.ringOrder(kernel: kernel).enumerated() {
                for channel in 0..<columns { places[channel * rows + tap] = ring * columns + channel }
            }
            return places
        }
    }
}
