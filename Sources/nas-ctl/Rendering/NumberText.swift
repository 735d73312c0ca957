internal import Foundation

/// Numbers as people read them.
enum NumberText {
    /// A number with so many decimals, rounded.
    static func fixed(_ value: Double, decimals: Int = 4) -> String {
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        guard value.isFinite, abs(value) * scale < 1e15 else { return value.description }
        let whole = Int((abs(value) * scale).rounded())
        let sign = value < 0 && whole > 0 ? "-" : ""
        guard decimals > 0 else { return sign + String(whole) }
        let digits = String(whole)
        let filled = String(repeating: "0", count: max(0, decimals + 1 - digits.utf8.count)) + digits
        return sign + filled.dropLast(decimals) + "." + filled.suffix(decimals)
    }

    /// The numbers that `fixed` writes as the given text, from the first up to but not with the second; nil where it writes
    /// none as that.
    static func bounds(
        ofFixed text: String, _ value: Double, decimals: Int = 4
    ) -> (lower: Double, upper: Double)? {
        guard text == fixed(value, decimals: decimals), abs(value) < 1e9 else { return nil }
        var half = 0.5
        for _ in 0..<decimals { half /= 10 }
        return (value - half, value + half)
    }

    /// The shortest text that reads back the same, without `.0`, as in CSV.
    static func exact(_ value: Double) -> String {
        guard value.isFinite else { return "" }
        let text = value == 0 ? "0" : value.description
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// A count in about four characters, such as `1.24M`.
    static func short(_ value: Double) -> String {
        for (unit, size) in [("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3)] where abs(value) >= size * 0.9995 {
            let scaled = value / size
            return fixed(scaled, decimals: abs(scaled) < 9.995 ? 2 : abs(scaled) < 99.95 ? 1 : 0) + unit
        }
        return abs(value) >= 10 || value == value.rounded() ? fixed(value, decimals: 0) : fixed(value, decimals: 3)
    }

    /// A span of time in one unit, such as `12 min`.
    static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 1e12 else { return "?" }
        let whole = Int(max(0, seconds).rounded())
        switch whole {
        case ..<90: return "\(whole) s"
        case ..<5400: return "\((whole + 30) / 60) min"
        case ..<172_800: return fixed(Double(whole) / 3600, decimals: whole < 36_000 ? 1 : 0) + " h"
        default: return "\((whole + 43_200) / 86_400) d"
        }
    }

    /// Bytes in binary units, such as `1.5 GiB`.
    static func bytes(_ count: Int) -> String {
        for (unit, shift) in [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)] where count >= 1 << shift {
            let value = Double(count) / Double(1 << shift)
            return fixed(value, decimals: value < 10 ? 1 : 0) + " " + unit
        }
        return "\(count) B"
    }
}

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
