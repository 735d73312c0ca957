/// How far a front is from a known true front, counting only the directions in which it is worse (IGD+).
///
/// `mean over z of min over a of sqrt(sum_i max(a_i - z_i, 0)^2)` for true points z and found points a; all
/// objectives are minimised and should be scaled alike. 0 is reached when every true point is found or dominated.
///
/// Source: Ishibuchi et al., "Modified distance calculation in generational distance and inverted generational
/// distance" (2015).
public enum InvertedGenerationalDistance {
    /// The distance; infinite when nothing was found, 0 when there is no true point. O(M |A| |Z|).
    public static func plus(of found: [[Double]], truth: [[Double]]) -> Double {
        guard !truth.isEmpty else { return 0 }
        let total = truth.reduce(0.0) { sum, target in
            let nearest = found.map { point in
                zip(point, target).reduce(0.0) { square, pair in
                    let excess = max(pair.0 - pair.1, 0)
                    return square + excess * excess
                }
            }
            return sum + (nearest.min() ?? .infinity).squareRoot()
        }
        return total / Double(truth.count)
    }
}
