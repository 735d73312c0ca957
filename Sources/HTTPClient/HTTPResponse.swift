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
