internal import Foundation
internal import HTTPClient

/// Where a daemon listens: a Unix socket, or a host and a port.
public struct Endpoint: Sendable, Hashable, CustomStringConvertible {
    /// The kinds of address.
    public enum Address: Sendable, Hashable {
        /// A Unix socket.
        case socket(path: String)
        /// TCP; an IPv6 address is without brackets.
        case network(host: String, port: Int, isEncrypted: Bool)
    }

    /// The address.
    public let address: Address

    /// The longest path of a socket in bytes: `sun_path` holds 108 with its end.
    public static let longestSocketPath = 107

    /// A Unix socket.
    ///
    /// - Throws: `APIClientError.invalidEndpoint` when the path is empty or too long.
    public init(socketPath path: String) throws(APIClientError) {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw .invalidEndpoint(text: "unix:\(path)", reason: "expected the path of a socket after unix:")
        }
        guard path.utf8.count <= Self.longestSocketPath else {
            throw .invalidEndpoint(
                text: "unix:\(path)",
                reason: "the path has \(path.utf8.count) bytes, the system permits \(Self.longestSocketPath); "
                    + "let the daemon listen at a shorter path")
        }
        self.init(address: .socket(path: path))
    }

    /// Reads `unix:/path`, `http://host:port` or `https://host:port`.
    ///
    /// - Throws: `APIClientError.invalidEndpoint` for anything else.
    public init(_ text: String) throws(APIClientError) {
        if text.hasPrefix("unix:") {
            var path = text.dropFirst("unix:".count)
            if path.hasPrefix("//") { path = path.dropFirst(2) }
            try self.init(socketPath: String(path))
            return
        }
        guard let (scheme, rest) = Self.split(text, at: "://"), scheme == "http" || scheme == "https" else {
            throw .invalidEndpoint(text: text, reason: "expected unix:/path, http://host:port or https://host:port")
        }
        let authority = rest.hasSuffix("/") ? rest.dropLast() : rest
        guard let (host, port) = Self.hostAndPort(authority, default: scheme == "http" ? 80 : 443) else {
            throw .invalidEndpoint(
                text: text, reason: "expected \(scheme)://host:port, with nothing after the port from 1 to 65535")
        }
        self.init(address: .network(host: host, port: port, isEncrypted: scheme == "https"))
    }

    private init(address: Address) { self.address = address }

    /// As it is written on the command line.
    public var description: String {
        switch address {
        case .socket(let path): "unix:\(path)"
        case .network: base
        }
    }

    /// The address of a request without its path.
    var base: String {
        switch address {
        case .socket: return "http://localhost"
        case .network(let host, let port, let isEncrypted):
            let name = host.contains(":") ? "[\(host)]" : host
            return "\(isEncrypted ? "https" : "http")://\(name):\(port)"
        }
    }

    private static func split(_ text: String, at separator: String) -> (Substring, Substring)? {
        guard let range = text.firstRange(of: separator) else { return nil }
        return (text[..<range.lowerBound], text[range.upperBound...])
    }

    private static func hostAndPort(_ authority: Substring, default port: Int) -> (host: String, port: Int)? {
        var host = authority
        var tail: Substring = ""
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            host = authority[authority.index(after: authority.startIndex)..<end]
            tail = authority[authority.index(after: end)...]
            guard host.contains(":"), host.utf8.allSatisfy({ isHexadecimal($0) || $0 == 0x3A || $0 == 0x2E }) else {
                return nil
            }
        } else {
            if let colon = authority.firstIndex(of: ":") {
                host = authority[..<colon]
                tail = authority[colon...]
            }
            guard !host.isEmpty, host.utf8.allSatisfy(isOfHostName) else { return nil }
        }
        if tail.isEmpty { return (String(host), port) }
        let digits = tail.dropFirst()
        guard tail.hasPrefix(":"), (1...5).contains(digits.utf8.count),
            digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(digits),
            (1...65535).contains(number)
        else { return nil }
        return (String(host), number)
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
    }

    private static func isOfHostName(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            || "-._".utf8.contains(byte)
    }
}

extension Endpoint {
    /// Whether a token may be sent there: encrypted, or never leaving this machine.
    public var keepsSecrets: Bool {
        switch address {
        case .socket: true
        case .network(let host, _, let isEncrypted): isEncrypted || Self.isLoopback(host: host)
        }
    }

    private static func isLoopback(host: String) -> Bool {
        if host.lowercased() == "localhost" { return true }
        return IPAddress(host).map(isLoopback) ?? false
    }

    /// Whether a resolved address stays on this machine.
    @Sendable static func isLoopback(_ address: IPAddress) -> Bool {
        let bytes = address.unmapped.bytes
        if bytes.count == 4 { return bytes[0] == 127 }
        return bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
    }
}

extension Endpoint {
    /// Where a daemon listens unless told otherwise: in its runtime directory under systemd, else in the user's; nil
    /// without either.
    public static func ownSocket(environment: [String: String]) -> String? { ownSockets(environment).first }

    /// Where a client looks unless told otherwise, the nearest first: as a daemon of its environment, then the system's
    /// daemon.
    public static func standardSockets(environment: [String: String]) -> [String] {
        let places = ownSockets(environment), system = "/run/nasd/nasd.sock"
        return places.contains(system) ? places : places + [system]
    }

    private static func ownSockets(_ environment: [String: String]) -> [String] {
        var places: [String] = []
        // systemd lists several directories with colons.
        if let directory = environment["RUNTIME_DIRECTORY"]?.split(separator: ":").first {
            places.append("\(directory)/nasd.sock")
        }
        if let directory = environment["XDG_RUNTIME_DIR"], !directory.isEmpty {
            places.append("\(directory)/nasd.sock")
        }
        return places
    }

    /// The first of the usual places where a socket lies; without one, the first where it cannot be seen whether one does.
    ///
    /// - Throws: `APIClientError.noDaemon` with every place looked at, or `invalidEndpoint` when the path that was found
    ///   is too long.
    public static func standard(environment: [String: String]) throws(APIClientError) -> Endpoint {
        let places = standardSockets(environment: environment)
        var closed: String?
        for place in places {
            // A path that no socket can have is worth a word even where nothing lies there.
            if place.utf8.count > longestSocketPath || access(place, F_OK) == 0 {
                return try Endpoint(socketPath: place)
            }
            if errno == EACCES { closed = closed ?? place }
        }
        // A folder that only a group may enter: the connection says so.
        if let closed { return try Endpoint(socketPath: closed) }
        throw .noDaemon(searched: places)
    }
}
