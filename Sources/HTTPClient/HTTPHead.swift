/// The status and the header fields of an answer.
public struct HTTPHead: Sendable {
    /// The status code.
    public let status: Int
    /// The header fields in their order, names in lower case.
    public let fields: [(name: String, value: String)]

    /// Creates a head.
    public init(status: Int, fields: [(name: String, value: String)]) {
        self.status = status
        self.fields = fields
    }

    /// The first value of a field; its name in lower case.
    public subscript(_ name: String) -> String? { fields.first { $0.name == name }?.value }
}
