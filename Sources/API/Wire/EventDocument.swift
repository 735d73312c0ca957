internal import Foundation

/// The content of an event, on the event stream and in webhooks: `{"type","timestamp","data":{…,"run","seq"}}`.
///
/// `data` is kept as it came, because every type has fields of its own.
public struct EventDocument: Sendable, Hashable {
    /// One of the closed list of types, such as `run.completed`.
    public var type: String
    /// RFC 3339, UTC.
    public var timestamp: String
    /// The run's id; nil for events of the daemon.
    public var run: String?
    /// 1… per run, without gaps but those of rewritten progress.
    public var sequence: Int
    /// The whole content, as JSON text on one line.
    public var json: String

    /// Creates a document.
    public init(type: String, timestamp: String, run: String?, sequence: Int, json: String) {
        self.type = type
        self.timestamp = timestamp
        self.run = run
        self.sequence = sequence
        self.json = json
    }
}

extension EventDocument {
    /// Reads the content of an event; nil when it is none.
    public init?(json: String) {
        struct Content: Decodable {
            struct Fields: Decodable {
                var run: String?
                var seq: Int
            }
            var type: String
            var timestamp: String
            var data: Fields
        }
        guard let content = try? JSONDecoder().decode(Content.self, from: Data(json.utf8)) else { return nil }
        self.init(
            type: content.type, timestamp: content.timestamp, run: content.data.run, sequence: content.data.seq,
            json: json)
    }
}
