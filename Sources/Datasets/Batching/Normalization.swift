/// Mean and standard deviation of each number of an example, or of each channel of its pixels, to bring them to mean 0 and
/// deviation 1.
public struct Normalization: Sendable, Equatable {
    /// The mean of each; of pixels that are bytes, of value / 255.
    public let mean: [Double]
    /// The standard deviation of each, positive; 1 for what never varies.
    public let deviation: [Double]

    /// Takes known values.
    public init(mean: [Double], deviation: [Double]) throws {
        guard !mean.isEmpty, mean.count == deviation.count else {
            throw DatasetError.invalidSetting(
                name: "normalisation", value: "\(mean.count) means and \(deviation.count) deviations",
                allowed: "one of each per channel or number")
        }
        guard mean.allSatisfy(\.isFinite), deviation.allSatisfy({ $0.isFinite && $0 > 0 }) else {
            throw DatasetError.invalidSetting(
                name: "normalisation", value: "mean \(mean), deviation \(deviation)",
                allowed: "finite means and positive deviations")
        }
        self.mean = mean
        self.deviation = deviation
    }

    /// What 32 bits hold of it, as `normalization` and `targets` of network files do.
    public var rounded: Normalization {
        Normalization(
            uncheckedMean: mean.map { Double(Float($0)) },
            deviation: deviation.map { Double(max(Float($0), .leastNormalMagnitude)) })
    }

    /// Takes values that are known to be sound.
    init(uncheckedMean mean: [Double], deviation: [Double]) {
        self.mean = mean
        self.deviation = deviation
    }
}
