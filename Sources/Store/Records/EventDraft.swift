/// Something that happened, before it has a number.
public struct EventDraft: Sendable, Hashable {
    /// Its type.
    public var type: EventType
    /// Details, as a JSON object.
    public var data: String
    /// What makes a repeated write recognisable, such as `round-3`; nil when every write is a new event.
    public var key: String?

    /// Creates a draft.
    public init(_ type: EventType, data: String = "{}", key: String? = nil) {
        self.type = type
        self.data = data
        self.key = key
    }
}
