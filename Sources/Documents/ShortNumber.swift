/// Numbers as people write them.
public enum ShortNumber {
    private static let units: [Character: Int] = ["k": 3, "K": 3, "M": 6, "G": 9, "T": 12]

    /// The shortest decimal text of a number that reads back as the same number; whole numbers have no decimals.
    package static func text(_ value: Double) -> String {
        value.rounded() == value && abs(value) < 1e15 ? String(Int(value)) : "\(value)"
    }

    /// A number that counts something with three digits and a unit, such as `2.05T`, for people.
    public static func counted(_ value: Double) -> String {
        let scales: [(factor: Double, unit: String)] = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")]
        guard let scale = scales.first(where: { value >= $0.factor * 0.9995 }) else {
            return text((value * 10).rounded() / 10)
        }
        let scaled = value / scale.factor
        let step = scaled < 9.995 ? 100.0 : scaled < 99.95 ? 10 : 1
        return text((scaled * step).rounded() / step) + scale.unit
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
