internal import Documents
internal import SearchSpaces

/// A column that a command line names: by its name, or by its head in tables, in capitals or not.
struct ColumnName<Item> {
    /// The column.
    let column: Column<Item>
    /// Whether it is named by a head that stands for something else than the name, such as AGE for `created`.
    let isHead: Bool

    /// Looks a column up.
    ///
    /// - Parameter option: The option that names it, for the message.
    /// - Throws: `Failure` when there is none, with the one that was perhaps meant and those there are.
    init(_ text: String, among columns: [Column<Item>], option: String) throws(Failure) {
        let word = text.lowercased()
        if let named = columns.first(where: { $0.name.lowercased() == word }) {
            self.init(column: named, isHead: false)
        } else if let headed = columns.first(where: { $0.title.lowercased() == word }) {
            self.init(column: headed, isHead: true)
        } else {
            let names = columns.map(\.name)
            let heads = columns.map(\.title).filter { title in !names.contains { $0.uppercased() == title } }
            let hint = Spelling.nearest(to: text, among: names + heads).map { "did you mean '\($0)'? " } ?? ""
            throw .usage(
                "\(option): no column '\(text)'; \(hint)there are \(names.joined(separator: ", "))"
                    + (heads.isEmpty ? "" : ", and the heads \(heads.joined(separator: ", "))"))
        }
    }

    private init(column: Column<Item>, isHead: Bool) {
        self.column = column
        self.isHead = isHead
    }
}
