/// One column of a list: its name, its place in tables, and how its value comes from an item.
struct Column<Item>: Sendable {
    /// Where a column is shown.
    enum Place: Sendable {
        /// In every table.
        case table
        /// In wide tables.
        case wide
        /// In no table; in CSV, filters and orders only.
        case hidden
    }

    /// The name in CSV, filters and orders, as in JSON.
    let name: String
    /// What its cells hold.
    let kind: ColumnKind
    /// The head in tables.
    let title: String
    /// Where it is shown.
    var place: Place
    /// What goes first when a terminal is narrow: the largest; 0 stays.
    var rank: Int
    /// The width to which text may be cut; nil for what is of no use when cut.
    let shortest: Int?
    /// The least width, for lists that grow row by row.
    let least: Int
    /// Whether it is a column of CSV.
    let isInCSV: Bool
    /// Whether every row has a value.
    var isFilled: Bool
    /// The value.
    let value: @Sendable (Item) -> Cell
    /// What tables show in place of the value.
    let text: (@Sendable (Item) -> String)?
    /// The decimals that tables round to; nil where they show every digit, or more than a number.
    let decimals: Int?
    /// How it stands out.
    let style: (@Sendable (Item) -> Style)?

    init(
        _ name: String, _ kind: ColumnKind, title: String? = nil, place: Place = .table, rank: Int = 1,
        shortest: Int? = nil,
        least: Int = 0, isInCSV: Bool = true, isFilled: Bool = false, decimals: Int? = 4,
        style: (@Sendable (Item) -> Style)? = nil,
        text: (@Sendable (Item) -> String)? = nil, value: @escaping @Sendable (Item) -> Cell
    ) {
        self.name = name
        self.kind = kind
        self.title = title ?? name.uppercased()
        self.place = place
        self.rank = rank
        self.shortest = shortest
        self.least = least
        self.isInCSV = isInCSV
        self.isFilled = isFilled
        self.value = value
        self.text = text
        self.decimals = kind == .number || kind == .share ? decimals : nil
        self.style = style
    }
}
