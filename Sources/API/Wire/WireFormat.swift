public import Foundation

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
