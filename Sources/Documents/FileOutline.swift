/// The values of a YAML file as a flat list of key paths with their positions, for files of a fixed set of keys.
public struct FileOutline: Sendable {
    /// One value.
    public struct Entry: Sendable {
        /// The keys that lead to it, such as `webhook.url`.
        public let path: String
        /// The line, counted from 1.
        public let line: Int
        /// The column, counted from 1.
        public let column: Int
        /// The text of a scalar; nil for a list.
        public let text: String?
        /// Whether the scalar stands without quotes.
        public let isPlain: Bool
        /// The texts of a list of scalars; nil for a scalar, and for a list that holds anything else.
        public let items: [String]?
    }

    /// The values, in file order.
    public let entries: [Entry]

    /// Reads a text.
    ///
    /// - Throws: `DocumentError.invalidFile` when it is no YAML or not a mapping.
    public init(yaml: String, file: String) throws(DocumentError) {
        let collector = FaultCollector()
        let node = YAMLNode.parse(yaml, into: collector)
        var entries: [Entry] = []
        if let node {
            if case .mapping = node.content {
                Self.walk(node, path: "", into: &entries)
            } else {
                collector.report("expected a mapping, found \(node.kindText)", at: node.position, path: "")
            }
        }
        try collector.finish(file: file)
        self.entries = entries
    }

    private static func walk(_ node: YAMLNode, path: String, into entries: inout [Entry]) {
        func add(_ text: String?, isPlain: Bool = false, items: [String]? = nil) {
            entries.append(
                Entry(
                    path: path, line: node.position.line, column: node.position.column, text: text, isPlain: isPlain,
                    items: items))
        }
        switch node.content {
        case .scalar(let text, let isPlain): add(text, isPlain: isPlain)
        case .sequence(let nodes):
            let items = nodes.compactMap { item in
                if case .scalar(let text, _) = item.content { text } else { nil }
            }
            add(nil, items: items.count == nodes.count ? items : nil)
        case .mapping(let children):
            for child in children {
                walk(child.value, path: path.isEmpty ? child.key : "\(path).\(child.key)", into: &entries)
            }
        }
    }
}
