internal import Foundation
internal import Synchronization

/// A real server on 127.0.0.1 or a Unix socket, a thread per connection, that answers as its script says.
public final class LoopbackServer: Sendable {
    /// What is done with a request; the connection stays for the next one unless the script ends it.
    public typealias Script = @Sendable (LoopbackConnection, LoopbackRequest) -> Void

    private struct State {
        var requests: [LoopbackRequest] = []
        var connections = 0
        var open: Set<Int32> = []
        var isStopped = false
    }

    /// The port on 127.0.0.1; 0 on a Unix socket.
    public let port: Int
    private let listener: Int32
    private let unixSocket: String?
    private let state = Mutex(State())

    /// Listens, on a free port of 127.0.0.1 unless told otherwise.
    public init(unixSocket: String? = nil, port: Int = 0, script: @escaping Script) throws {
        self.unixSocket = unixSocket
        let descriptor = socket(
            unixSocket == nil ? AF_INET : AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw POSIXError(.EMFILE) }
        let bound = unixSocket.map { Self.bind(descriptor, path: $0) } ?? Self.bind(descriptor, port: port)
        guard let bound, listen(descriptor, 64) == 0 else {
            let code = errno
            close(descriptor)
            throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EIO)
        }
        listener = descriptor
        self.port = bound
        Thread.detachNewThread { [self] in accept(script) }
    }

    /// The address of the server without a path.
    public var url: String { unixSocket == nil ? "http://127.0.0.1:\(port)" : "http://localhost" }
    /// The requests so far, in an array of their own: the thread sanitizer does not see who gives a shared one back.
    public var requests: [LoopbackRequest] { state.withLock { $0.requests.map(\.self) } }
    /// How many connections were accepted so far.
    public var connections: Int { state.withLock { $0.connections } }

    /// Ends the listener and every connection. Must be called, as its threads keep the server alive.
    public func stop() {
        state.withLock { state in
            state.isStopped = true
            // Under the lock: one that is closed may be another file by now.
            for descriptor in state.open { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
        shutdown(listener, Int32(SHUT_RDWR))
        if let unixSocket { unlink(unixSocket) }
    }

    private func accept(_ script: @escaping Script) {
        while true {
            let descriptor = Foundation.accept(listener, nil, nil)
            if descriptor < 0 {
                if errno == EINTR || errno == ECONNABORTED { continue }
                break
            }
            let number = state.withLock { state -> Int? in
                guard !state.isStopped else { return nil }
                state.open.insert(descriptor)
                state.connections += 1
                return state.connections
            }
            guard let number else {
                close(descriptor)
                break
            }
            Thread.detachNewThread { [self] in serve(descriptor, number, script) }
        }
        close(listener)
    }

    private func serve(_ descriptor: Int32, _ number: Int, _ script: Script) {
        let connection = LoopbackConnection(descriptor)
        while connection.isOpen, let request = connection.next(number) {
            state.withLock { $0.requests.append(request) }
            script(connection, request)
        }
        // Out of the set before its number can mean another socket.
        state.withLock { _ = $0.open.remove(descriptor) }
        close(descriptor)
    }

    private static func bind(_ descriptor: Int32, port: Int) -> Int? {
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                guard Foundation.bind(descriptor, raw, length) == 0, getsockname(descriptor, raw, &length) == 0 else {
                    return nil
                }
                return Int(UInt16(bigEndian: pointer.pointee.sin_port))
            }
        }
    }

    private static func bind(_ descriptor: Int32, path: String) -> Int? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count < capacity else { return nil }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0 ? 0 : nil
            }
        }
    }
}

/// A server for the time of `body`.
public func withServer<Result>(
    unixSocket: String? = nil, port: Int = 0, _ script: @escaping LoopbackServer.Script,
    _ body: (LoopbackServer) throws -> Result
) throws -> Result {
    let server = try LoopbackServer(unixSocket: unixSocket, port: port, script: script)
    defer { server.stop() }
    return try body(server)
}
