/// The rank correlation of two lists of values: how often they order a pair alike.
///
/// tau-b = (C - D) / sqrt((P - T_x) (P - T_y)) for concordant pairs C, discordant ones D, all pairs P and pairs that are
/// tied in x or y. 1 for equal orders, -1 for opposite ones; 0 where one list is constant.
///
/// Source: Kendall, "The Treatment of Ties in Ranking Problems" (Biometrika, 1945).
public struct KendallTau: Sendable, Equatable {
    /// tau-b.
    public let value: Double
    /// Its standard error by the jackknife: what leaving out one element at a time changes; nil below four elements, since
    /// of the two that would be left nothing but 1 or -1 can come.
    public let standardError: Double?

    /// tau-b alone, which takes far less time.
    public static func value(_ x: [Double], _ y: [Double]) -> Double {
        precondition(x.count == y.count, "lists of pairs have one length")
        return tau(x, y, leavingOut: nil)
    }

    /// Correlates two lists of one length.
    public init(_ x: [Double], _ y: [Double]) {
        precondition(x.count == y.count, "lists of pairs have one length")
        value = Self.tau(x, y, leavingOut: nil)
        guard x.count > 3 else {
            standardError = nil
            return
        }
        let count = Double(x.count)
        let parts = x.indices.map { Self.tau(x, y, leavingOut: $0) }
        let mean = parts.reduce(0, +) / count
        standardError = ((count - 1) / count * parts.map { ($0 - mean) * ($0 - mean) }.reduce(0, +)).squareRoot()
    }

    private static func tau(_ x: [Double], _ y: [Double], leavingOut out: Int?) -> Double {
        var agreement = 0.0, pairs = 0.0, tiesX = 0.0, tiesY = 0.0
        for left in x.indices where left != out {
            for right in x.indices where right > left && right != out {
                let a = x[left] - x[right], b = y[left] - y[right]
                pairs += 1
                if a == 0 { tiesX += 1 }
                if b == 0 { tiesY += 1 }
                if a != 0, b != 0 { agreement += (a > 0) == (b > 0) ? 1 : -1 }
            }
        }
        let scale = ((pairs - tiesX) * (pairs - tiesY)).squareRoot()
        return scale > 0 ? agreement / scale : 0
    }
}
