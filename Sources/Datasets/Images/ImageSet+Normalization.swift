extension Normalization {
    /// Measures the named images only, so that nothing of those held out leaks in.
    public init(measuring images: ImageSet, indices: [Int32]) throws {
        try IndexCheck.check(indices[...], count: images.count)
        guard !indices.isEmpty else { throw DatasetError.empty(file: "training part") }
        switch images.pixels {
        case .bytes(let values):
            self.init(Self.measureBytes(values, images: images, indices: indices))
        case .floats(let values):
            self.init(Self.measureFloats(values, images: images, indices: indices))
        }
    }

    /// Counts how often each byte value occurs: exact, and much faster than summing.
    private static func measureBytes(
        _ values: [UInt8], images: ImageSet, indices: [Int32]
    ) -> [(mean: Double, variance: Double)] {
        let channels = images.channels
        var counts = [Int](repeating: 0, count: channels * 256)
        for index in indices {
            let start = Int(index) * images.imageSize
            for pixel in 0..<(images.imageSize / channels) {
                for channel in 0..<channels {
                    counts[channel * 256 + Int(values[start + pixel * channels + channel])] += 1
                }
            }
        }
        let total = Double(indices.count * images.imageSize / channels)
        return (0..<channels).map { channel in
            let mean = (0..<256).reduce(0.0) { $0 + Double(counts[channel * 256 + $1]) * Double($1) / 255 } / total
            let variance =
                (0..<256).reduce(0.0) { sum, value in
                    let offset = Double(value) / 255 - mean
                    return sum + Double(counts[channel * 256 + value]) * offset * offset
                } / total
            return (mean, variance)
        }
    }

    private static func measureFloats(
        _ values: [Float], images: ImageSet, indices: [Int32]
    ) -> [(mean: Double, variance: Double)] {
        let channels = images.channels
        let total = Double(indices.count * images.imageSize / channels)
        return (0..<channels).map { channel in
            var sum = 0.0
            var squares = 0.0
            for index in indices {
                let start = Int(index) * images.imageSize
                for at in stride(from: start + channel, to: start + images.imageSize, by: channels) {
                    sum += Double(values[at])
                }
            }
            let mean = sum / total
            // A second pass: the difference of large sums would lose the small deviation.
            for index in indices {
                let start = Int(index) * images.imageSize
                for at in stride(from: start + channel, to: start + images.imageSize, by: channels) {
                    let offset = Double(values[at]) - mean
                    squares += offset * offset
                }
            }
            return (mean, squares / total)
        }
    }

    private init(_ moments: [(mean: Double, variance: Double)]) {
        let deviations = moments.map { moment in
            let deviation = Float(moment.variance.squareRoot())
            return deviation.isFinite && deviation > 1e-6 ? Double(deviation) : 1
        }
        // Rounded to what pixels are computed with, and network files hold.
        self.init(uncheckedMean: moments.map { Double(Float($0.mean)) }, deviation: deviations)
    }
}
