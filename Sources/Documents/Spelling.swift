/// Finds the word a user may have meant.
public enum Spelling {
    /// The closest of some words, or nil when none is near enough to be a likely slip.
    public static func nearest(to word: String, among words: [String]) -> String? {
        // Long input is no slip of the pen, and would make the table below large.
        guard word.count <= 64 else { return nil }
        let limit = max(1, word.count / 3)
        let ranked = words.map { (word: $0, distance: distance(word.lowercased(), $0.lowercased())) }
        guard let best = ranked.min(by: { $0.distance < $1.distance }), best.distance <= limit else { return nil }
        return best.word
    }

    /// The number of insertions, deletions, substitutions and swaps of neighbours between two words.
    package static func distance(_ first: String, _ second: String) -> Int {
        let a = Array(first)
        let b = Array(second)
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 1) }
                row.append(cost)
            }
            beforeLast = last
            last = row
        }
        return last[b.count]
    }
}
