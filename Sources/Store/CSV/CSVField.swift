/// One field of a CSV record.
public enum CSVField: Sendable, Hashable {
    /// Nothing.
    case empty
    /// A whole number.
    case integer(Int)
    /// A number; nothing when it is not finite.
    case number(Double)
    /// `true` or `false`.
    case boolean(Bool)
    /// Text of the program's own making, written as it is.
    case symbol(String)
    /// Free text; a leading `'` keeps a spreadsheet from reading it as a formula.
    case text(String)
}
