internal import Foundation

/// Spans of time as people write them, and as tables show them.
enum SpanText {
    private static let units: [String: Double] = ["": 1, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400]

    /// The seconds of `90`, `90s`, `12 min`, `1.5 h` or `2d`; nil for anything else.
    static func seconds(of text: String) -> Double? {
        let digits = text.prefix { ("0"..."9").contains($0) || $0 == "." }
        let unit = text.dropFirst(digits.count).trimmingCharacters(in: .whitespaces).lowercased()
        guard let value = Double(digits), let size = units[unit], value * size <= 1e9 else { return nil }
        return value * size
    }
}
