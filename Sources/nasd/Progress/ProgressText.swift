internal import UserFiles

/// How far a phase is, as much of it as a line has room for.
struct ProgressText: Sendable {
    /// Something about the phase.
    struct Fact: Sendable {
        var text: String
        /// Facts of a higher rank give way first.
        var rank: Int
    }

    /// What goes on, such as `training`.
    var title: String
    /// How much of it is done, and of how much.
    var done: Int, all: Int
    /// What follows, in this order.
    var facts: [Fact] = []
    /// A number over time, drawn behind the first fact.
    var course = Course()

    private static let leastCourse = 8, mostCourse = 24, courseRank = 4
    private static let leastBar = 10, mostBar = 40

    /// All of it but what is drawn, for what cannot be drawn anew.
    var plain: String { ([head] + facts.map(\.text)).joined(separator: "  ") }

    private var head: String { "\(title) \(done)/\(all)" }

    /// The line within so many columns. What finds no room is left out, the least important first; the share stands for both numbers
    /// where even these find none.
    func text(columns: Int) -> String {
        guard DisplayWidth.of(head) <= columns else {
            let share = all > 0 ? Int(Double(done) / Double(all) * 100) : 100
            let both = "\(title) \(share) %"
            return DisplayWidth.cut(DisplayWidth.of(both) <= columns ? both : "\(share) %", to: columns)
        }
        var room = columns - DisplayWidth.of(head)
        var isShown = [Bool](repeating: false, count: facts.count)
        var courseColumns = 0
        let hasCourse = course.values.count >= 2
        let ranked =
            facts.indices.map { (rank: facts[$0].rank, place: Int?.some($0)) }
            + (hasCourse ? [(rank: Self.courseRank, place: nil)] : [])
        for (_, place) in ranked.sorted(by: { $0.rank < $1.rank }) {
            let width = place.map { DisplayWidth.of(facts[$0].text) + 2 } ?? Self.leastCourse + 1
            guard width <= room else { break }
            room -= width
            if let place { isShown[place] = true } else { courseColumns = Self.leastCourse }
        }
        if courseColumns > 0 {
            let more = min(room, Self.mostCourse - courseColumns)
            courseColumns += more
            room -= more
        }
        var parts = [room >= Self.leastBar + 1 ? "\(title) \(bar(min(room - 1, Self.mostBar))) \(done)/\(all)" : head]
        for (place, fact) in facts.enumerated() where isShown[place] {
            let drawn = place == 0 && courseColumns > 0 ? " " + Sparkline.text(course.values, width: courseColumns) : ""
            parts.append(fact.text + drawn)
        }
        return parts.joined(separator: "  ")
    }

    /// A bar of so many columns, with its brackets.
    private func bar(_ columns: Int) -> String { ProgressBar.text(done, of: all, width: columns - 2) }
}

extension ProgressText {
    /// A number over time in bounded memory: each value is the mean of as many in a row, twice as many whenever they have become too many.
    struct Course: Sendable {
        /// The means so far.
        private(set) var values: [Double] = []
        private var each = 1
        private var sum = 0.0, count = 0

        private static let most = 256

        /// Takes the next number; one that is not finite is left out.
        mutating func add(_ value: Double) {
            guard value.isFinite else { return }
            sum += value
            count += 1
            guard count == each else { return }
            values.append(sum / Double(each))
            (sum, count) = (0, 0)
            guard values.count == Self.most else { return }
            values = stride(from: 0, to: Self.most, by: 2).map { (values[$0] + values[$0 + 1]) / 2 }
            each *= 2
        }
    }
}
