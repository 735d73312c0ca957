/// The shortest decimal text of a number that reads back as the same number.
enum ShortNumber {
    /// The text; whole numbers have no decimals.
    static func text(_ value: Double) -> String {
        value.rounded() == value && abs(value) < 1e15 ? String(Int(value)) : "\(value)"
    }
}
