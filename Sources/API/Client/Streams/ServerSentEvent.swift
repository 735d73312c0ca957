/// One event of an event stream.
public struct ServerSentEvent: Sendable, Hashable {
    /// The id to resume after; empty when the stream has named none.
    public var id: String
    /// The type; `message` unless the stream names one.
    public var type: String
    /// The data, lines joined by line feeds.
    public var data: String

    /// Creates an event.
    public init(id: String, type: String, data: String) {
        self.id = id
        self.type = type
        self.data = data
    }
}
