internal import Foundation
internal import HTTPClient

/// A connected socket: reads and writes with patience, and closes with its last reference.
final class BridgeSocket: Sendable {
    let descriptor: Int32

    /// Seconds without a byte after which a peer is given up.
    private static let patience = 30

    init(descriptor: Int32) {
        self.descriptor = descriptor
        var limit = timeval(tv_sec: Self.patience, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    deinit { close(descriptor) }

    /// A connection to a Unix socket; nil when nobody answers there.
    static func connected(to path: String) -> BridgeSocket? {
        UnixSocket.connected(to: path).map { BridgeSocket(descriptor: $0) }
    }

    /// What comes next; empty at the end, nil when nothing came in time or the connection broke.
    func receive(atMost most: Int = 1 << 16) -> [UInt8]? {
        var count = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: most) { buffer, initialized in
            repeat { count = recv(descriptor, buffer.baseAddress, most, 0) } while count < 0 && errno == EINTR
            initialized = max(0, count)
        }
        return count < 0 ? nil : bytes
    }

    /// Sends everything; false when the peer does not take it.
    func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// Takes in what a peer still sends that was refused, within bounds: closed over it, the system would take the answer back.
    func drain() {
        shutdown(descriptor, Int32(SHUT_WR))
        let end = ContinuousClock.now + .seconds(2)
        var rest = 4 << 20
        while rest > 0, ContinuousClock.now < end {
            var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&ready, 1, 500) > 0, let part = receive(), !part.isEmpty else { return }
            rest -= part.count
        }
    }
}
