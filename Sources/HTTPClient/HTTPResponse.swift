internal import CCurl

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

extension HTTPHead {
    /// The seconds after which the peer wants to be asked again (RFC 9110, section 10.2.3), given as a number or as a
    /// date; nil when it does not say, or says something else.
    ///
    /// - Parameter now: Seconds since 1970 UTC, for a date.
    public func retryAfterSeconds(now: Int64) -> Int64? {
        guard let text = self["retry-after"] else { return nil }
        if !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            return Int64(text) ?? .max
        }
        // Every form of a date begins with the name of a day; libcurl would read many other texts as dates.
        guard text.first?.isLetter == true else { return nil }
        let date = curl_getdate(text, nil)
        return date < 0 ? nil : max(0, Int64(date) - now)
    }
}

/// An answer with its body.
public struct HTTPResponse: Sendable {
    /// Status and header.
    public let head: HTTPHead
    /// The body.
    public let body: [UInt8]

    /// Creates an answer.
    public init(head: HTTPHead, body: [UInt8]) {
        self.head = head
        self.body = body
    }
}
