/// The volume that a set of points dominates, up to a reference point; all objectives are minimised.
///
/// Points that are not strictly better than the reference in every objective add nothing; neither do dominated or
/// repeated points. Compare values only under the same reference.
///
/// Source: Zitzler and Thiele, "Multiobjective optimization using evolutionary algorithms" (1998).
public enum Hypervolume {
    /// The hypervolume; 0 for no point or no dimension.
    ///
    /// O(n log n) in two dimensions, O(n^2) at worst in three, n times that in four; beyond, a time that grows exponentially with
    /// the dimensions at worst.
    public static func value(of points: [[Double]], reference: [Double]) -> Double {
        switch reference.count {
        case 0: 0
        case 1: inside(points, reference).map { $0[0] }.min().map { reference[0] - $0 } ?? 0
        case 2: planar(points, reference: reference)
        case 3: spatial(points, reference: reference)
        case 4: stacked(points, reference: reference)
        default: sliced(nonDominated(inside(points, reference)), reference: reference)
        }
    }

    /// The volume that a point adds to that of others: its box less what they dominate of it. 0 for one that is not inside.
    ///
    /// As ``value(of:reference:)`` of those of the others that reach into the box, cut to it.
    public static func gain(of point: [Double], beyond others: [[Double]], reference: [Double]) -> Double {
        guard !inside([point], reference).isEmpty else { return 0 }
        let limited = nonDominated(inside(others, reference).map { zip($0, point).map { max($0, $1) } })
        return max(0, box(point, reference) - value(of: limited, reference: reference))
    }

    /// Any dimension: each point adds its box less what those after it dominate of it, which is a volume of one dimension less,
    /// since points come worst first by their last objective.
    ///
    /// - Parameter points: Inside of the reference, none of them dominated by another or there twice.
    ///
    /// Source: While, Bradstreet and Barone, "A fast way of calculating exact hypervolumes" (2012).
    private static func sliced(_ points: [[Double]], reference: [Double]) -> Double {
        let last = reference.count - 1
        guard last >= 3 else { return value(of: points, reference: reference) }
        let base = Array(reference.dropLast())
        let order = points.sorted { $0[last] > $1[last] }
        return order.indices.reduce(0) { volume, index in
            let point = order[index]
            let limited = order[(index + 1)...].map { other in (0..<last).map { max(point[$0], other[$0]) } }
            let rest = sliced(nonDominated(limited), reference: base)
            return volume + (reference[last] - point[last]) * (box(Array(point.dropLast()), base) - rest)
        }
    }

    private static func box(_ point: [Double], _ reference: [Double]) -> Double {
        zip(reference, point).reduce(1) { $0 * ($1.0 - $1.1) }
    }

    /// The points that no other dominates, equal ones once. O(M n F) for a front of F.
    private static func nonDominated(_ points: [[Double]]) -> [[Double]] {
        var front: [[Double]] = []
        // Only an earlier one can dominate a later one.
        for point in points.sorted(by: { $0.lexicographicallyPrecedes($1) })
        where !front.contains(where: { $0 == point || Fitness.dominates($0, point) }) {
            front.append(point)
        }
        return front
    }

    /// Two dimensions: a sweep along the first objective that keeps the best second one.
    static func planar(_ points: [[Double]], reference: [Double]) -> Double {
        var volume = 0.0
        var best = reference[1]
        for point in inside(points, reference).sorted(by: { $0[0] < $1[0] }) where point[1] < best {
            volume += (reference[0] - point[0]) * (best - point[1])
            best = point[1]
        }
        return volume
    }

    /// Three dimensions: a sweep along the third objective over the growing staircase of the first two.
    ///
    /// Source: Beume et al., "On the complexity of computing the hypervolume indicator" (2009).
    static func spatial(_ points: [[Double]], reference: [Double]) -> Double {
        var volume = 0.0
        var area = 0.0
        var level = 0.0
        // Ascending first, descending second objective, between two sentinels.
        var stairs = [(first: -Double.infinity, second: reference[1]), (first: reference[0], second: -Double.infinity)]
        for point in inside(points, reference).sorted(by: { $0[2] < $1[2] }) {
            volume += area * (point[2] - level)
            level = point[2]
            // The first stair to the right of the point, or above it on the same line.
            var low = 0
            var high = stairs.count
            while low < high {
                let middle = (low + high) / 2
                if stairs[middle].first <= point[0] { low = middle + 1 } else { high = middle }
            }
            // stairs[low - 1] is the last one with first <= point[0]: it alone can dominate the point.
            if stairs[low - 1].second <= point[1], low > 1 { continue }
            var start = low
            if stairs[low - 1].first == point[0] { start -= 1 }
            var end = start
            var left = point[0]
            var height = stairs[start - 1].second
            while stairs[end].second >= point[1] {
                area += (stairs[end].first - left) * (height - point[1])
                left = stairs[end].first
                height = stairs[end].second
                end += 1
            }
            area += (stairs[end].first - left) * (height - point[1])
            stairs.replaceSubrange(start..<end, with: [(first: point[0], second: point[1])])
        }
        return volume + area * (reference[2] - level)
    }

    /// Four dimensions: a sweep along the fourth objective over the growing front of the first three.
    static func stacked(_ points: [[Double]], reference: [Double]) -> Double {
        let base = Array(reference.dropLast()), last = base.count
        var volume = 0.0, slice = 0.0, level = 0.0
        var front: [[Double]] = [], isStale = false
        func rise(to height: Double) {
            guard height != level else { return }
            if isStale { slice = spatial(front, reference: base) }
            isStale = false
            volume += slice * (height - level)
            level = height
        }
        for point in inside(points, reference).sorted(by: { $0[last] < $1[last] }) {
            rise(to: point[last])
            let shadow = Array(point.dropLast())
            if front.contains(where: { $0 == shadow || Fitness.dominates($0, shadow) }) { continue }
            front.removeAll { Fitness.dominates(shadow, $0) }
            front.append(shadow)
            isStale = true
        }
        rise(to: reference[last])
        return volume
    }

    private static func inside(_ points: [[Double]], _ reference: [Double]) -> [[Double]] {
        points.filter { point in
            point.count == reference.count && zip(point, reference).allSatisfy { $0 < $1 }
        }
    }
}

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
