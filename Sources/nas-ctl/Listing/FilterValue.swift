internal import Documents
internal import Foundation
internal import SearchSpaces

/// What a condition compares a cell with: as JSON has it, or as tables show it.
enum FilterValue: Equatable {
    /// `-`: no value.
    case none
    case text(String)
    /// What a table shows where that is more than the value, such as `1200/3000` or `queued, 1st`.
    case shown(String)
    case boolean(Bool)
    case number(Double)
    /// The numbers that a table rounds to the same, from the first up to but not with the second.
    case rounded(Double, Double)
    /// Seconds.
    case duration(Double)
    /// A moment, or the beginning of its text in UTC: `2026-01` is all of January.
    case moment(String)
    /// Seconds that have passed since.
    case age(Double)

    /// Reads the value of a condition; nil for what the column cannot hold.
    init?(_ text: String, _ kind: ColumnKind, showsMore: Bool) {
        if text == "-" {
            self = .none
            return
        }
        let number = ShortNumber.value(of: text)
        let value: FilterValue? =
            switch kind {
            case .text: .text(text)
            case .word(let words): Self.word(text, words, showsMore: showsMore)
            case .boolean:
                ["yes": true, "no": false, "true": true, "false": false][text.lowercased()].map(FilterValue.boolean)
            case .count:
                number.flatMap { $0 >= 0 && $0 == $0.rounded() ? .number($0) : nil }
                    ?? (showsMore && text.wholeMatch(of: /[0-9]+\/[0-9]+/) != nil ? .shown(text) : nil)
            case .integer: number.flatMap { $0 == $0.rounded() ? .number($0) : nil }
            case .number: number.map(FilterValue.number)
            case .share: Self.share(text).map(FilterValue.number)
            case .duration: SpanText.seconds(of: text).map(FilterValue.duration)
            case .time, .age:
                Self.moment(text).map(FilterValue.moment) ?? SpanText.seconds(of: text).map(FilterValue.age)
            }
        guard let value else { return nil }
        self = value
    }

    /// Whether a cell can be above or below it.
    var hasOrder: Bool {
        switch self {
        case .none, .text, .shown, .boolean: false
        case .number, .rounded, .duration, .moment, .age: true
        }
    }

    /// The value as a daemon reads it; nil for what it does not know.
    var wireText: String? {
        switch self {
        // A comma ends a condition there.
        case .text(let text): text.contains(",") ? nil : text
        case .boolean(let value): value ? "true" : "false"
        case .number(let value): NumberText.exact(value)
        case .none, .shown, .rounded, .duration, .moment, .age: nil
        }
    }

    /// How a cell stands to the value: below it (-1), equal to it (0), above it (1); nil where it has no value.
    ///
    /// - Parameters:
    ///   - shown: What a table shows of the cell where that is more than its value.
    ///   - roundsSpans: Whether spans are equal that a table shows as the same.
    func order(of cell: Cell, shown: String?, roundsSpans: Bool, now: Date) -> Int? {
        func compareSpans(_ own: Double, _ value: Double) -> Int {
            roundsSpans && NumberText.duration(own) == NumberText.duration(value) ? 0 : Self.compare(own, value)
        }
        return switch (self, cell) {
        case (.none, _): cell == .none || shown == "-" ? 0 : 1
        case (_, .none): nil
        case (.shown(let text), _): Self.compare(shown ?? "", text)
        case (.boolean(let value), .boolean(let own)): own == value ? 0 : 1
        case (.number(let value), .integer(let own)): Self.compare(Double(own), value)
        case (.number(let value), .number(let own)): Self.compare(own, value)
        case (.rounded(let lower, let upper), .number(let own)): own < lower ? -1 : own < upper ? 0 : 1
        case (.duration(let value), .number(let own)): compareSpans(own, value)
        case (.age(let value), .time(let date)): compareSpans(now.timeIntervalSince(date), value)
        case (.moment(let text), .time(let date)):
            Self.compare(String(Cell.stamp(date).prefix(text.utf8.count)), text)
        // Every failure, whatever its reason.
        case (.text("failed"), .text(let own)) where own.hasPrefix("failed: "): 0
        case (.text(let text), .symbol(let own)), (.text(let text), .text(let own)): Self.compare(own, text)
        default: nil
        }
    }

    private static func word(_ text: String, _ words: [String], showsMore: Bool) -> FilterValue? {
        if let word = words.first(where: { $0.lowercased() == text.lowercased() }) { return .text(word) }
        // With more behind the word: `queued, 1st` of a table, `failed: reason` of a candidate.
        let end = text.firstIndex { $0 == "," || $0 == ":" } ?? text.endIndex
        guard end < text.endIndex, words.contains(String(text[..<end])) else { return nil }
        return text[end] == "," ? (showsMore ? .shown(text) : nil) : .text(text)
    }

    private static func share(_ text: String) -> Double? {
        let isPercent = text.hasSuffix("%")
        let digits = isPercent ? text.dropLast().trimmingCharacters(in: .whitespaces) : text
        // As an exponent it is exact, where a quotient would not be.
        guard let value = ShortNumber.value(of: isPercent ? "\(digits)e-2" : digits) else { return nil }
        return (0...1).contains(value) ? value : nil
    }

    // The text of a moment in UTC or the beginning of it; nil for anything else.
    private static func moment(_ text: String) -> String? {
        let whole = text.replacing(" ", with: "T", maxReplacements: 1)
        guard namesMoment(whole) else { return nil }
        if whole.wholeMatch(of: /[0-9]{4}(-[0-9]{2}(-[0-9]{2}(T[0-9]{2}(:[0-9]{2}(:[0-9]{2})?)?)?)?)?Z?/) != nil,
            !whole.hasSuffix("Z") || whole.utf8.count == "2026-01-31T12:00:00Z".utf8.count
        {
            // A bare number is a span of seconds, unless it can only be a year.
            return whole.utf8.count > 4 || whole.hasPrefix("20") ? whole : nil
        }
        let styles = [Date.ISO8601FormatStyle(), Date.ISO8601FormatStyle(includingFractionalSeconds: true)]
        return styles.lazy.compactMap { try? $0.parse(whole) }.first.map(Cell.stamp)
    }

    // Whether the date and the time of day at the beginning of a text exist, as far as it has them.
    private static func namesMoment(_ text: String) -> Bool {
        let fields = text.prefix("2026-01-31T12:00:00".count).split { !$0.isNumber }.map { Int($0) ?? -1 }
        func has(_ place: Int, _ range: ClosedRange<Int>) -> Bool {
            place >= fields.count || range.contains(fields[place])
        }
        guard let year = fields.first, has(1, 1...12), has(3, 0...23), has(4, 0...59), has(5, 0...59) else {
            return false
        }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days =
            fields.count > 1 ? [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][fields[1] - 1] : 31
        return has(2, 1...days)
    }

    private static func compare<Value: Comparable>(_ first: Value, _ second: Value) -> Int {
        first < second ? -1 : first > second ? 1 : 0
    }
}
