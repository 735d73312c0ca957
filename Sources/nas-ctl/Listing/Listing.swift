internal import API

/// A list as every format has it.
struct Listing<Item>: Sendable {
    /// Its columns, in the order of CSV.
    let columns: [Column<Item>]
    /// What `-o name` prints.
    let name: @Sendable (Item) -> String
    /// What the items are called, for messages.
    let plural: String
    /// Whether tables are cut to the width of the terminal.
    let fitsTerminal: Bool
    /// Whether tables that are not wide leave out columns in which all rows are the same; those that always stay have
    /// rank 0. For lists that come as a whole.
    var leavesOutConstants = false
    /// An item as JSON on one line.
    let json: @Sendable (Item) throws -> String

    init(
        columns: [Column<Item>], name: @escaping @Sendable (Item) -> String, plural: String, fitsTerminal: Bool = true,
        json: @escaping @Sendable (Item) throws -> String
    ) {
        self.columns = columns
        self.name = name
        self.plural = plural
        self.fitsTerminal = fitsTerminal
        self.json = json
    }

    init(
        columns: [Column<Item>], name: @escaping @Sendable (Item) -> String, plural: String, fitsTerminal: Bool = true
    ) where Item: Encodable & SendableMetatype {
        self.init(
            columns: columns, name: name, plural: plural, fitsTerminal: fitsTerminal,
            json: { try JSONText.line($0) })
    }

    /// A page of a list.
    typealias Page = (items: [Item], next: String?)

    /// Items asked for at once.
    static var pageSize: Int { 500 }

    /// Follows the pages of a list and writes it.
    ///
    /// - Parameters:
    ///   - limit: The most items; nil for all.
    ///   - filter: What the daemon does not do itself.
    ///   - order: What the daemon does not do itself.
    ///   - page: The page of at most so many items behind a cursor.
    ///   - document: The wire type of the whole list.
    func write(
        to session: Session, limit: Int? = nil, filter: RowFilter<Item>? = nil, order: RowOrder<Item>? = nil,
        page: (_ limit: Int, _ cursor: String?) throws(APIClientError) -> Page,
        document: ([Item], String?) -> some Encodable
    ) throws {
        var writer = ListingWriter(self, session)
        var items: [Item] = []
        // An order needs all of them, a document too; everything else goes on as it comes.
        let collects = order != nil || session.format == .json
        var cursor: String?
        var count = 0
        repeat {
            let isOpen = filter != nil || order != nil
            let size = isOpen ? Self.pageSize : min(Self.pageSize, (limit ?? Int.max) - count)
            var (page, next) = try page(size, cursor)
            if let filter { page = page.filter { filter.keeps($0) } }
            if order == nil, let limit, page.count > limit - count { page = Array(page.prefix(limit - count)) }
            count += page.count
            if collects { items += page } else { try writer.write(page) }
            guard next == nil || next != cursor else {
                throw APIClientError.unexpectedAnswer(
                    endpoint: session.client.endpoint.description, reason: "a page of \(plural) that leads to itself")
            }
            cursor = next
        } while cursor != nil && (order != nil || count < limit ?? Int.max)
        if let order {
            items = order.sorted(items)
            if let limit { items = Array(items.prefix(limit)) }
            if session.format != .json { try writer.write(items) }
        }
        if session.format == .json { try session.console.write(JSONText.document(document(items, cursor))) }
        if count == 0 { session.console.note("no \(plural)") }
        if cursor != nil { session.console.note("more \(plural) than the \(count) shown; see --limit") }
    }

    /// Writes a list that came as a whole.
    func write(
        _ items: [Item], to session: Session, options: ListOptions, document: ([Item]) -> some Encodable
    ) throws {
        let (filter, order) = try rules(options)
        try write(to: session, limit: options.limit, filter: filter, order: order) { _, _ throws(APIClientError) in
            (items, nil)
        } document: { items, _ in
            document(items)
        }
    }

    /// Writes a single item; the document is what JSON has in its place.
    func write(one item: Item, to session: Session, document: some Encodable) throws {
        switch session.format {
        case .json: try session.console.write(JSONText.document(document))
        case .jsonl: try session.console.write(JSONText.line(document))
        default:
            var writer = ListingWriter(self, session)
            try writer.write([item])
        }
    }

    /// Filter and order of the command line, held against the columns.
    func rules(_ options: ListOptions) throws(Failure) -> (filter: RowFilter<Item>?, order: RowOrder<Item>?) {
        let filter = try options.filter.map { text throws(Failure) in try RowFilter(text, columns: columns) }
        let order = try options.sort.map { text throws(Failure) in try RowOrder(text, columns: columns) }
        return (filter, order)
    }

    /// The columns of a table of these items.
    func columns(for items: [Item]) -> [Column<Item>] {
        guard leavesOutConstants, let first = items.first, items.count > 1 else { return columns }
        return columns.map { column in
            let value = column.value(first)
            guard column.place == .table, column.rank > 0, items.allSatisfy({ column.value($0) == value }) else {
                return column
            }
            var hidden = column
            hidden.place = .wide
            return hidden
        }
    }
}
