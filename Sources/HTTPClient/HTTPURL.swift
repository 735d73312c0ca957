internal import CCurl

/// An address as libcurl reads it, so that what is judged here is what is connected to.
public struct HTTPURL: Sendable, Hashable, CustomStringConvertible {
    /// Whether it is `https`.
    public let isSecure: Bool
    /// The host in lower case: a name, or an address without brackets.
    public let host: String
    /// The port, the scheme's own when none is written.
    public let port: Int
    /// The address without user, password, query and fragment, which may be secret.
    public let description: String

    /// Reads an address.
    ///
    /// - Throws: ``HTTPClientError/invalidURL(_:)`` unless it is a whole `http` or `https` address.
    public init(_ text: String) throws(HTTPClientError) {
        guard !text.utf8.contains(0), let parts = curl_url() else { throw .invalidURL(text) }
        defer { curl_url_cleanup(parts) }
        guard curl_url_set(parts, CURLUPART_URL, text, 0) == CURLUE_OK,
            let scheme = Self.part(CURLUPART_SCHEME, of: parts)?.lowercased(), scheme == "http" || scheme == "https",
            let host = Self.part(CURLUPART_HOST, of: parts), !host.isEmpty,
            let port = Self.part(CURLUPART_PORT, of: parts, CURLU_DEFAULT_PORT).flatMap({ Int($0) })
        else { throw .invalidURL(text) }
        for secret in [CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS, CURLUPART_QUERY, CURLUPART_FRAGMENT] {
            curl_url_set(parts, secret, nil, 0)
        }
        guard let description = Self.part(CURLUPART_URL, of: parts) else { throw .invalidURL(text) }
        isSecure = scheme == "https"
        self.host = (host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host).lowercased()
        self.port = port
        self.description = description
    }

    private static func part(_ part: CURLUPart, of parts: OpaquePointer, _ flags: Int32 = 0) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(parts, part, &text, UInt32(flags)) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}
