/// Picks a parent: the best of a few candidates drawn uniformly with replacement.
///
/// Source: Goldberg and Deb, "A comparative analysis of selection schemes" (1991).
public struct Tournament: Sendable {
    /// How many candidates compete, at least 1; 2 is a binary tournament.
    public let size: Int

    /// Creates a tournament of at least one candidate.
    public init(size: Int = 2) {
        self.size = max(size, 1)
    }

    /// The winner among the positions `0..<count`, where `count` is at least 1.
    ///
    /// `isBetter(a, b)` says whether position a beats b; without a decision the earlier position wins.
    public func winner(
        of count: Int, using generator: inout some RandomNumberGenerator, isBetter: (Int, Int) -> Bool
    ) -> Int {
        var best = Int.random(in: 0..<count, using: &generator)
        for _ in 0..<(size - 1) {
            let rival = Int.random(in: 0..<count, using: &generator)
            if isBetter(rival, best) || (rival < best && !isBetter(best, rival)) { best = rival }
        }
        return best
    }
}
