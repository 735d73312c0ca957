/// How images of one size become images of another: along each side a place is the mean of the places around it, by weights that
/// fall linearly with the distance and reach as far as the larger of the two spacings. So enlarged images are bilinear, and
/// smaller ones see every place.
///
/// With s = in / out, r = max(s, 1) and c = (i + 0.5) s, the place i of an output is
///
///     y[i] = sum over j of w[j] x[j] / sum over j of w[j],  w[j] = max(0, 1 - |j + 0.5 - c| / r)
///
/// which is what PyTorch's `interpolate(mode="bilinear", antialias=True, align_corners=False)` and Pillow's `BILINEAR` compute.
public struct Resampling: Sendable, Equatable {
    /// One side.
    struct Axis: Sendable, Equatable {
        /// For each output place the first input place that it reads.
        let starts: [Int]
        /// Places that each reads at most; those past the last have no weight.
        let taps: Int
        /// The weights, (output, tap).
        let weights: [Float]

        init(from count: Int, to outputs: Int) {
            let scale = Double(count) / Double(outputs), reach = max(scale, 1)
            let rows = (0..<outputs).map { output -> (start: Int, weights: [Double]) in
                let centre = (Double(output) + 0.5) * scale
                let start = max(0, Int(centre - reach + 0.5)), end = min(count, Int(centre + reach + 0.5))
                let weights = (start..<end).map { max(0, 1 - abs(Double($0) + 0.5 - centre) / reach) }
                let total = weights.reduce(0, +)
                return (start, weights.map { $0 / total })
            }
            let taps = rows.map(\.weights.count).max() ?? 0
            self.taps = taps
            // Every row reads as many places, so that none reaches past the end.
            starts = rows.map { min($0.start, count - taps) }
            weights = zip(rows, starts).flatMap { row, start in
                let before = row.start - start
                return (0..<taps).map { tap in
                    row.weights.indices.contains(tap - before) ? Float(row.weights[tap - before]) : 0
                }
            }
        }
    }

    /// Places from top to bottom before.
    public let height: Int
    /// Places from left to right before.
    public let width: Int
    /// Places from top to bottom afterwards.
    public let outHeight: Int
    /// Places from left to right afterwards.
    public let outWidth: Int
    let down: Axis
    let across: Axis

    /// Creates a resampling; nil where nothing changes.
    public init?(height: Int, width: Int, outHeight: Int, outWidth: Int) {
        precondition(min(height, width, outHeight, outWidth) > 0, "images have places")
        guard height != outHeight || width != outWidth else { return nil }
        (self.height, self.width, self.outHeight, self.outWidth) = (height, width, outHeight, outWidth)
        down = Axis(from: height, to: outHeight)
        across = Axis(from: width, to: outWidth)
    }

    /// Places before.
    public var places: Int { height * width }
    /// Places afterwards.
    public var outPlaces: Int { outHeight * outWidth }
}
