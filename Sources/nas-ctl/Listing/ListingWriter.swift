internal import Documents
internal import SearchSpaces

/// Writes the items of a list as they come, in any format but one JSON document.
struct ListingWriter<Item> {
    private let listing: Listing<Item>
    private let console: Console
    private let format: OutputFormat
    private let hasHeader: Bool
    private var table: TableRenderer<Item>?
    private var hasBegun = false

    init(_ listing: Listing<Item>, _ session: Session) {
        self.listing = listing
        console = session.console
        format = session.format
        hasHeader = !session.options.noHeaders
    }

    /// Writes further items; the header comes before the first.
    mutating func write(_ items: [Item]) throws {
        defer { hasBegun = true }
        switch format {
        case .table, .wide:
            guard !items.isEmpty else { return }
            var table = table ?? renderer(items)
            try console.write(lines: table.lines(items))
            self.table = table
        case .json, .jsonl:
            for item in items { try console.write(listing.json(item)) }
        case .csv:
            let columns = listing.columns.filter(\.isInCSV)
            if !hasBegun, hasHeader { try console.write(columns.map(\.name).joined(separator: ",") + "\r\n") }
            for item in items {
                let record = columns.map { $0.value(item).csv }.joined(separator: ",")
                let isShown = console.terminal.isTerminal
                try console.write((isShown ? TerminalText.escaped(record, keepsLines: true) : record) + "\r\n")
            }
        case .name:
            for item in items { try console.write(TerminalText.escaped(listing.name(item)) + "\n") }
        }
    }

    /// The table that begins with these items.
    private func renderer(_ items: [Item]) -> TableRenderer<Item> {
        TableRenderer(
            listing.columns(for: items), isWide: format == .wide,
            width: listing.fitsTerminal ? console.terminal.width : nil, hasColor: console.terminal.hasColor,
            showsHeader: hasHeader)
    }
}
