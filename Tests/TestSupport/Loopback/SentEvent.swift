internal import Foundation

/// What a webhook tells.
public struct SentEvent: Decodable, Hashable, Sendable {
    /// Its data.
    public struct Fields: Decodable, Hashable, Sendable {
        /// The run; nil for events of the daemon.
        public let run: String?
        /// The event's number.
        public let seq: Int
        /// The training step, where it tells one.
        public let step: Int?
    }

    /// Its type.
    public let type: String
    /// When it happened.
    public let timestamp: String
    /// What it tells.
    public let data: Fields

    /// Reads the body of a request.
    public init(_ request: LoopbackRequest) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(request.body))
    }
}
