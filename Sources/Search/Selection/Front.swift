/// The best candidates of a set.
public enum Front {
    /// The indices of the feasible candidates that no candidate dominates, ascending.
    ///
    /// Equal points are all members; failed and infeasible candidates never are. O(N log N) for two objectives.
    public static func indices(of candidates: [Fitness]) -> [Int] {
        guard let first = NonDominatedSorting.fronts(of: candidates).first else { return [] }
        return first.filter { candidates[$0].isFeasible }
    }

    /// What to report when nothing may be feasible: the front, or else the candidates of least violation.
    ///
    /// Empty only when every candidate failed.
    public static func incumbents(of candidates: [Fitness]) -> [Int] {
        guard let first = NonDominatedSorting.fronts(of: candidates).first else { return [] }
        return first.filter { !candidates[$0].isFailed }
    }
}
