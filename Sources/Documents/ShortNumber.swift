/// Numbers as people write them.
public enum ShortNumber {
    private static let units: [Character: Int] = ["k": 3, "K": 3, "M": 6, "G": 9, "T": 12]

    /// The shortest decimal text of a number that reads back as the same number; whole numbers have no decimals.
    package static func text(_ value: Double) -> String {
        value.rounded() == value && abs(value) < 1e15 ? String(Int(value)) : "\(value)"
    }

    /// A number for people, with at most two decimals and a unit where it is large, such as `4.01T` or `15.3M`.
    public static func rounded(_ value: Double) -> String {
        let (unit, size) = [("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3)].first { abs(value) >= $0.1 } ?? ("", 1)
        return text((value / size * 100).rounded() / 100) + unit
    }

    /// The finite number of a text such as `0.97`, `1e-05`, `15M` or `1.2k`; nil for anything else.
    public static func value(of text: some StringProtocol) -> Double? {
        let unit = text.last.flatMap { units[$0] }
        let digits = unit == nil ? String(text) : String(text.dropLast())
        guard !digits.isEmpty, digits.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }) else { return nil }
        // As an exponent it is exact, where a product would not be: 1.1M.
        guard let value = Double(unit.map { "\(digits)e\($0)" } ?? digits), value.isFinite else { return nil }
        return value
    }
}
