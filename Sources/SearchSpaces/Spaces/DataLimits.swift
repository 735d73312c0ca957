/// How much data a run may ask for; the readers of spaces and runs keep to it, and whatever they let through can be loaded.
public enum DataLimits {
    /// Classes that a space may tell apart.
    public static let classes = 2...1_000_000
    /// Examples that a run may generate for a part or hold out.
    public static let examples = 1...10_000_000
}
