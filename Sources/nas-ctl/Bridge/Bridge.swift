internal import API
internal import Foundation
internal import Synchronization

/// A daemon's Unix socket on a port of this machine, for one browser and one session.
///
/// A request at a time goes through each connection, whole and within limits: its head is read and written anew, so that nothing of
/// a page's origin, token or connection reaches the daemon. The answer comes back as it is, but for the word that the connection
/// ends with it.
final class Bridge: Sendable {
    private let socketPath: String
    private let keys: BridgeKeys
    private let rule: BridgeRule
    private let listener: Int32
    private let open = Atomic<Int>(0)

    /// Connections at a time: a browser makes six.
    private static let most = 32
    /// Seconds for a whole request, however it drips.
    private static let requestSeconds = 30

    /// The port on 127.0.0.1.
    var port: Int { rule.port }

    /// Listens on a port; 0 for any that is free.
    ///
    /// - Throws: `Failure` when the port is taken.
    init(to socketPath: String, port: Int, keys: BridgeKeys) throws(Failure) {
        let (descriptor, found) = Self.listening(at: port)
        guard let found else {
            let code = errno
            if descriptor >= 0 { close(descriptor) }
            throw Failure(
                code: code == EADDRINUSE ? .conflict : .failure,
                message: "error: 127.0.0.1:\(port): \(String(cString: strerror(code))); choose another --port")
        }
        self.socketPath = socketPath
        self.keys = keys
        listener = descriptor
        rule = BridgeRule(port: found)
    }

    /// A socket that listens on a port of 127.0.0.1, and the port; nil where that is not to be had.
    private static func listening(at port: Int) -> (descriptor: Int32, port: Int?) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var one: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 && listen(descriptor, 64) == 0
                    && getsockname(descriptor, pointer, &length) == 0
            }
        }
        return (descriptor, isListening ? Int(UInt16(bigEndian: address.sin_port)) : nil)
    }

    deinit { close(listener) }

    /// The address for a browser, with the key; it opens at a place such as `/runs/ID`.
    func address(at place: String?) -> String {
        "http://127.0.0.1:\(port)/#key=\(keys.key ?? "")\(place.map { "&to=\($0)" } ?? "")"
    }

    /// Serves until the process ends.
    func serve() -> Never {
        while true {
            let descriptor = accept(listener, nil, nil)
            guard descriptor >= 0 else {
                // No descriptor is left, or the peer is gone again.
                usleep(20_000)
                continue
            }
            let peer = BridgeSocket(descriptor: descriptor)
            guard open.add(1, ordering: .relaxed).newValue <= Self.most else {
                open.subtract(1, ordering: .relaxed)
                continue
            }
            // A thread each: most of them wait, event streams for hours.
            Thread.detachNewThread { [self] in
                answer(peer)
                open.subtract(1, ordering: .relaxed)
            }
        }
    }

    private func answer(_ peer: BridgeSocket) {
        do {
            guard let (request, body) = try read(peer) else { return }
            if let refusal = rule.refusal(of: request, keys) { throw refusal }
            if request.isExchange { return try exchange(body, peer) }
            guard let daemon = BridgeSocket.connected(to: socketPath) else {
                throw BridgeRequest.Refusal(status: 502, detail: "the daemon does not answer at \(socketPath)")
            }
            guard daemon.send(Array(request.forwardedHead.utf8) + body) else { return }
            relay(from: daemon, to: peer)
        } catch let refusal as BridgeRequest.Refusal {
            refuse(refusal, peer)
        } catch {
            refuse(.init(status: 500, detail: ""), peer)
        }
    }

    /// A request with its body; nil when the peer went away or was too slow.
    private func read(_ peer: BridgeSocket) throws(BridgeRequest.Refusal) -> (request: BridgeRequest, body: [UInt8])? {
        let end = ContinuousClock.now + .seconds(Self.requestSeconds)
        var bytes: [UInt8] = []
        var place: Range<Int>?
        while place == nil {
            guard bytes.count <= BridgeRequest.longestHead else {
                throw .init(status: 431, detail: "the head of the request is too large")
            }
            guard let part = peer.receive(), !part.isEmpty, ContinuousClock.now < end else { return nil }
            bytes += part
            place = bytes.firstRange(of: Array("\r\n\r\n".utf8))
        }
        guard let place else { return nil }
        guard place.lowerBound <= BridgeRequest.longestHead else {
            throw .init(status: 431, detail: "the head of the request is too large")
        }
        let request = try BridgeRequest(bytes[..<place.lowerBound])
        var body = Array(bytes[place.upperBound...].prefix(request.bodyLength))
        if request["expect"] != nil, body.count < request.bodyLength {
            guard peer.send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)) else { return nil }
        }
        while body.count < request.bodyLength {
            guard let part = peer.receive(atMost: min(1 << 16, request.bodyLength - body.count)), !part.isEmpty,
                ContinuousClock.now < end
            else { return nil }
            body += part
        }
        return (request, body)
    }

    private func exchange(_ body: [UInt8], _ peer: BridgeSocket) throws {
        guard let token = keys.exchange(String(decoding: body, as: UTF8.self)) else {
            throw BridgeRequest.Refusal(
                status: 401,
                detail:
                    "the key of this address was used already, or is older than \(BridgeKeys.lifetime.components.seconds) s; "
                    + "start nas-ctl dashboard again")
        }
        send(status: "200 OK", type: "application/json", Array(try WireFormat.encode(["token": token])), peer)
    }

    /// Hands the answer on until it ends or the peer goes away, as it does when an event stream is left.
    private func relay(from daemon: BridgeSocket, to peer: BridgeSocket) {
        var isBegun = false
        while true {
            var ready = [
                pollfd(fd: daemon.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: peer.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&ready, 2, -1) >= 0 || errno == EINTR else { return }
            // One request a connection: whatever else a peer sends, or its end, ends it.
            if ready[1].revents != 0 { return }
            guard ready[0].revents != 0 else { continue }
            guard let part = daemon.receive(), !part.isEmpty else { return }
            guard peer.send(isBegun ? part : Self.closing(part)) else { return }
            isBegun = true
        }
    }

    /// The beginning of an answer, which says after its first line that the connection ends.
    private static func closing(_ beginning: [UInt8]) -> [UInt8] {
        guard let end = beginning.firstRange(of: Array("\r\n".utf8)) else { return beginning }
        return beginning[..<end.upperBound] + Array("Connection: close\r\n".utf8) + beginning[end.upperBound...]
    }

    private func refuse(_ refusal: BridgeRequest.Refusal, _ peer: BridgeSocket) {
        let titles = [
            400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 411: "Length Required", 413: "Content Too Large",
            421: "Misdirected Request", 431: "Request Header Fields Too Large", 502: "Bad Gateway",
        ]
        let title = titles[refusal.status] ?? "Internal Server Error"
        let document = ProblemDocument(title: title, status: refusal.status, detail: refusal.detail)
        let body = (try? WireFormat.encode(document)).map(Array.init) ?? []
        send(status: "\(refusal.status) \(title)", type: "application/problem+json", body, peer)
        peer.drain()
    }

    private func send(status: String, type: String, _ body: [UInt8], _ peer: BridgeSocket) {
        let head = [
            "HTTP/1.1 \(status)", "Content-Type: \(type)", "Content-Length: \(body.count)", "Cache-Control: no-store",
            "X-Content-Type-Options: nosniff", "Connection: close", "", "",
        ]
        _ = peer.send(Array(head.joined(separator: "\r\n").utf8) + body)
    }
}
