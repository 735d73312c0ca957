/// A course of numbers in one row of characters, the lowest `▁`, the highest `█`.
public enum Sparkline {
    private static let levels: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    /// The row, of at most so many columns; where there are more numbers, a column is the mean of those beside one another.
    ///
    /// Numbers that are not finite are left out.
    public static func text(_ values: [Double], width: Int) -> String {
        let values = values.filter(\.isFinite)
        let columns = min(width, values.count)
        guard columns > 0 else { return "" }
        let means = (0..<columns).map { column in
            let part = values[values.count * column / columns..<values.count * (column + 1) / columns]
            return part.reduce(0) { $0 + $1 / Double(part.count) }
        }
        guard let low = means.min(), let high = means.max(), low < high else {
            return String(repeating: levels[0], count: columns)
        }
        // Halves: the distance of the ends may be beyond what a number holds.
        return String(means.map { levels[min(7, Int(($0 / 2 - low / 2) / (high / 2 - low / 2) * 8))] })
    }
}

/// A share of a whole, drawn with characters.
public enum ProgressBar {
    /// Such as `[#####...............]`.
    public static func text(_ done: Int, of all: Int, width: Int = 20) -> String {
        let share = all > 0 ? min(max(0, Double(done) / Double(all)), 1) : 0
        return "[" + bar(share, width: width, rest: ".") + "]"
    }

    /// Such as `#####`; the share is from 0 to 1.
    public static func bar(_ share: Double, width: Int, rest: Character = " ") -> String {
        let full = share.isFinite ? Int(min(max(0, share), 1) * Double(width)) : 0
        return String(repeating: "#", count: full) + String(repeating: rest, count: width - full)
    }
}
