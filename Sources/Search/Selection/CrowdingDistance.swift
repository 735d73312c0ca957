/// How much room a member of a front has between its neighbours.
///
/// For each objective the front is sorted (stably); its ends get infinity and every other member
/// `(f[i+1] - f[i-1]) / (max - min)`; the sum is divided by the number of objectives. An objective that is constant
/// over the front adds nothing, and in a front of at most two members all have infinity.
///
/// Source: Deb et al. 2002, section III-B; the division by the number of objectives follows pymoo and changes no
/// ordering.
public enum CrowdingDistance {
    /// The distances of the points of one front, in order. O(M N log N).
    public static func distances(of points: [[Double]]) -> [Double] {
        guard points.count > 2, let dimension = points.map(\.count).min(), dimension > 0 else {
            return [Double](repeating: .infinity, count: points.count)
        }
        var distances = [Double](repeating: 0, count: points.count)
        for objective in 0..<dimension {
            let order = points.indices.sorted { left, right in
                let (first, second) = (points[left][objective], points[right][objective])
                return first != second ? first < second : left < right
            }
            let first = order[0]
            let last = order[order.count - 1]
            let range = points[last][objective] - points[first][objective]
            guard range > 0 else { continue }
            distances[first] = .infinity
            distances[last] = .infinity
            for position in 1..<(order.count - 1) {
                let gap = points[order[position + 1]][objective] - points[order[position - 1]][objective]
                distances[order[position]] += gap / range
            }
        }
        return distances.map { $0 / Double(dimension) }
    }
}
