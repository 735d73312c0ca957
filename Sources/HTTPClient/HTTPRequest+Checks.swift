extension HTTPRequest {
    /// The address, when the request can be sent as it is.
    ///
    /// libcurl writes header fields as they are given, so a line break within one would begin another.
    func checked() throws(HTTPClientError) -> HTTPURL {
        let address = try HTTPURL(url)
        guard Self.isToken(method) else {
            throw .invalidRequest(url: address.description, reason: "'\(method)' is no method")
        }
        for field in headers {
            guard Self.isToken(field.name) else {
                throw .invalidRequest(url: address.description, reason: "'\(field.name)' is no name of a header field")
            }
            // The value may be a secret: it is not shown.
            guard field.value.utf8.allSatisfy({ ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 }) else {
                throw .invalidRequest(
                    url: address.description, reason: "the header field '\(field.name)' has a control character")
            }
        }
        if let path = unixSocket {
            guard path.utf8.count <= 107, !path.utf8.contains(0), !path.isEmpty else {
                throw .unreachable(
                    url: address.description, reason: "the path of a Unix socket has 1 to 107 bytes, not '\(path)'")
            }
        }
        return address
    }

    /// Whether a text is a token of RFC 9110, section 5.6.2.
    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }
}
