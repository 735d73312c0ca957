/// Which candidates of a merged population live on.
///
/// All rules are deterministic: what the rule leaves equal is decided by position, the earlier asked one staying.
public enum Survival {
    /// The survivors of NSGA-II, ascending: whole fronts while they fit, then the cut front by falling crowding.
    ///
    /// Source: Deb et al. 2002, section III-C. O(N log N) for two objectives, O(M N^2) otherwise.
    public static func byFrontAndCrowding(_ candidates: [Fitness], count: Int) -> [Int] {
        var survivors: [Int] = []
        for front in NonDominatedSorting.fronts(of: candidates) {
            let room = count - survivors.count
            if room <= 0 { break }
            if front.count <= room {
                survivors += front
                continue
            }
            let distances = CrowdingDistance.distances(of: front.map { candidates[$0].objectives })
            let order = front.indices.sorted { left, right in
                distances[left] != distances[right] ? distances[left] > distances[right] : left < right
            }
            survivors += order.prefix(room).map { front[$0] }
        }
        return survivors.sorted()
    }

    /// The `count` best by the first objective under constraint domination, ascending: (mu + lambda) truncation.
    ///
    /// O(N log N).
    public static func byFirstObjective(_ candidates: [Fitness], count: Int) -> [Int] {
        let scalars = candidates.map(\.scalar)
        let order = scalars.indices.sorted { left, right in
            if scalars[left].dominates(scalars[right]) { return true }
            if scalars[right].dominates(scalars[left]) { return false }
            return left < right
        }
        return order.prefix(max(count, 0)).sorted()
    }
}
