internal import HTTPClient
internal import HTTPTypes
internal import Hummingbird

/// By which names the daemon may be reached, and from which pages.
///
/// A page of another origin can have a browser send requests here, and a name of its own lead to this machine; neither
/// gets an answer. Accepted are `localhost`, the address that the connection came to, since an address cannot be made to
/// lead elsewhere, and the names of the configuration.
struct PeerRule: Sendable {
    /// Names of the configuration, in lower case.
    let hosts: Set<String>
    /// Whether connections are encrypted.
    let isEncrypted: Bool

    private static let furtherHost = HTTPField.Name("Host")!

    /// What is wrong with a request; nil when nothing is.
    func problem(of request: Request, _ context: NasdContext) -> Problem? {
        if request.isBareProbe { return nil }
        let authority = request.head.authority
        // One header is the request's authority; any further one stayed among the headers.
        guard request.headers[Self.furtherHost] == nil else { return Problem(400, "expected one Host, found several") }
        guard !ProtocolNote.hasForeignTarget(request), request.head.path?.hasPrefix("/") == true else {
            return Problem(400, "expected a path as the target of the request")
        }
        if let authority {
            guard let host = Self.host(ofAuthority: authority) else { return Problem(400, "the Host is none") }
            guard accepts(host, context) else {
                return Problem(
                    421,
                    "the daemon is not reached by the name '\(host.prefix(80))'; add it to hosts of its configuration")
            }
        } else if !ProtocolNote.isOld(request) {
            return Problem(400, "expected a Host")
        }
        let origins = request.headers[values: .origin]
        guard origins.allSatisfy({ accepts(origin: $0, context) }), origins.count <= 1 else {
            return Problem(403, "pages of other origins may not use the daemon")
        }
        return nil
    }

    private func accepts(_ host: String, _ context: NasdContext) -> Bool {
        if host == "localhost" || hosts.contains(host) { return true }
        guard let address = IPAddress(host) else { return false }
        // A socket has no address; what passes requests on to it from this machine may name its own.
        guard let local = context.local else { return host == "127.0.0.1" || address == IPAddress("::1") }
        return address.unmapped == IPAddress(local.address)?.unmapped
    }

    private func accepts(origin: String, _ context: NasdContext) -> Bool {
        guard let end = origin.firstRange(of: "://") else { return false }
        let scheme = origin[..<end.lowerBound].lowercased(), authority = String(origin[end.upperBound...])
        guard let host = Self.host(ofAuthority: authority) else { return false }
        // Whoever stands before the daemon encrypts, at a port of its own.
        if scheme == "https", hosts.contains(host) { return true }
        guard scheme == (isEncrypted ? "https" : "http"), let local = context.local, accepts(host, context) else {
            return false
        }
        return Self.port(ofAuthority: authority) ?? (isEncrypted ? 443 : 80) == local.port
    }

    /// The host of `host`, `host:port` or `[address]:port`, in lower case and without brackets; nil for anything else.
    static func host(ofAuthority text: String) -> String? {
        let (host, port) = split(text)
        if let port, port.isEmpty || port.utf8.count > 5 || !port.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            return nil
        }
        guard !host.isEmpty, host.utf8.count <= 255 else { return nil }
        if text.hasPrefix("[") { return IPAddress(String(host)) == nil ? nil : host.lowercased() }
        let isName = host.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || "-._".utf8.contains(byte)
        }
        return isName ? host.lowercased() : nil
    }

    private static func port(ofAuthority text: String) -> Int? { split(text).port.flatMap { Int($0) } }

    private static func split(_ text: String) -> (host: Substring, port: Substring?) {
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            let rest = text[text.index(after: end)...]
            let host = text[text.index(after: text.startIndex)..<end]
            if rest.isEmpty { return (host, nil) }
            return rest.hasPrefix(":") ? (host, rest.dropFirst()) : ("", nil)
        }
        guard let colon = text.lastIndex(of: ":") else { return (text[...], nil) }
        return (text[..<colon], text[text.index(after: colon)...])
    }
}

/// Refuses requests by other names or from other origins than a rule has.
struct PeerMiddleware: RouterMiddleware {
    let rule: PeerRule

    func handle(
        _ request: Request, context: NasdContext, next: (Request, NasdContext) async throws -> Response
    ) async throws -> Response {
        if let problem = rule.problem(of: request, context) { throw problem }
        return try await next(request, context)
    }
}
