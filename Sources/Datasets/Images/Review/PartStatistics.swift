internal import Foundation

/// Figures of the images of a part, from one pass over their pixels.
struct PartStatistics {
    /// The mean of each image's values; of bytes as value / 255.
    private(set) var means: [Float] = []
    /// The standard deviation of each image's values, of all channels together.
    private(set) var deviations: [Float] = []
    /// The largest absolute value of each image.
    private(set) var peaks: [Float] = []
    /// A hash of each image's values that differs between starts of the program.
    private(set) var hashes: [Int] = []
    /// Whether all pixels of an image are the same.
    private(set) var isConstant: [Bool] = []
    /// The smallest value and the largest.
    private(set) var range: ClosedRange<Float> = 0...0

    /// Measures a part.
    init(_ images: ImageSet) {
        let count = images.count
        means.reserveCapacity(count)
        deviations.reserveCapacity(count)
        peaks.reserveCapacity(count)
        hashes.reserveCapacity(count)
        isConstant.reserveCapacity(count)
        var low = Float.infinity, high = -Float.infinity
        func take(
            mean: Double, variance: Double, _ least: Float, _ most: Float, _ bytes: UnsafeRawBufferPointer
        ) {
            means.append(Float(mean))
            deviations.append(Float(max(0, variance).squareRoot()))
            peaks.append(max(abs(least), abs(most)))
            (low, high) = (min(low, least), max(high, most))
            var hasher = Hasher()
            hasher.combine(bytes: bytes)
            hashes.append(hasher.finalize())
            isConstant.append(Self.isConstant(bytes, pixelBytes: bytes.count / (images.height * images.width)))
        }
        let size = images.imageSize
        switch images.pixels {
        case .bytes(let values):
            values.withUnsafeBufferPointer { values in
                for index in 0..<count {
                    let image = UnsafeBufferPointer(rebasing: values[index * size..<(index + 1) * size])
                    var sum = 0, squares = 0, least = UInt8.max, most = UInt8.min
                    for value in image {
                        sum += Int(value)
                        squares += Int(value) * Int(value)
                        least = min(least, value)
                        most = max(most, value)
                    }
                    let mean = Double(sum) / Double(255 * size)
                    take(
                        mean: mean, variance: Double(squares) / Double(255 * 255 * size) - mean * mean,
                        Float(least) / 255, Float(most) / 255, UnsafeRawBufferPointer(image))
                }
            }
        case .floats(let values):
            values.withUnsafeBufferPointer { values in
                for index in 0..<count {
                    let image = UnsafeBufferPointer(rebasing: values[index * size..<(index + 1) * size])
                    var sum = 0.0, squares = 0.0, least = Float.infinity, most = -Float.infinity
                    // The difference to the first value keeps the digits of small deviations.
                    let base = Double(image[0])
                    for value in image {
                        let offset = Double(value) - base
                        sum += offset
                        squares += offset * offset
                        least = min(least, value)
                        most = max(most, value)
                    }
                    let mean = sum / Double(size)
                    take(
                        mean: base + mean, variance: squares / Double(size) - mean * mean, least, most,
                        UnsafeRawBufferPointer(image))
                }
            }
        }
        range = low...high
    }

    private static func isConstant(_ bytes: UnsafeRawBufferPointer, pixelBytes: Int) -> Bool {
        guard let base = bytes.baseAddress else { return true }
        return memcmp(base, base + pixelBytes, bytes.count - pixelBytes) == 0
    }
}
