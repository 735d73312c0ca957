internal import Foundation

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
