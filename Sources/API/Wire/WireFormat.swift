public import Foundation

/// What went wrong with a request (RFC 9457, `application/problem+json`).
public struct ProblemDocument: Codable, Sendable, Hashable, Error {
    /// One fault of a body or a parameter.
    public struct Fault: Codable, Sendable, Hashable {
        /// The key path, such as `train.optimizer.rate`, with line and column where known.
        public var path: String
        /// What was expected and what was found, with a hint.
        public var message: String

        /// Creates a fault.
        public init(path: String, message: String) {
            self.path = path
            self.message = message
        }
    }

    /// `about:blank`: the title says what the status says.
    public var type: String
    /// A short text, the same for every problem of this kind.
    public var title: String
    /// The status code.
    public var status: Int
    /// What happened here, and how to mend it.
    public var detail: String?
    /// Every fault of a body or of the parameters.
    public var errors: [Fault]?

    /// Creates a problem.
    public init(type: String = "about:blank", title: String, status: Int, detail: String? = nil, errors: [Fault]? = nil)
    {
        self.type = type
        self.title = title
        self.status = status
        self.detail = detail
        self.errors = errors
    }
}

/// How documents are written and read: sorted keys, RFC 3339 times in UTC.
public enum WireFormat {
    /// The version that every document names.
    public static let apiVersion = "nasd/v1"

    /// A document as JSON.
    public static func encode(_ document: some Encodable, isPretty: Bool = false) throws -> Data {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting =
            isPretty ? [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted] : [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(document)
    }

    /// Reads a document.
    public static func decode<Document: Decodable>(_ type: Document.Type, from data: Data) throws -> Document {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return try decoder.decode(type, from: data)
    }
}
