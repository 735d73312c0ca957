/// A share of a whole, drawn with characters.
enum ProgressBar {
    /// Such as `[#####...............]`.
    static func text(_ done: Int, of all: Int, width: Int = 20) -> String {
        let share = all > 0 ? min(max(0, Double(done) / Double(all)), 1) : 0
        return "[" + bar(share, width: width, rest: ".") + "]"
    }

    /// Such as `#####`; the share is from 0 to 1.
    static func bar(_ share: Double, width: Int, rest: Character = " ") -> String {
        let full = share.isFinite ? Int(min(max(0, share), 1) * Double(width)) : 0
        return String(repeating: "#", count: full) + String(repeating: rest, count: width - full)
    }
}
