internal import Foundation

/// One connection of a loopback server, in the hands of its script.
///
/// Used by its own thread alone.
public final class LoopbackConnection {
    let descriptor: Int32
    private var pending: [UInt8] = []
    private(set) var isOpen = true

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// Writes bytes; false when the peer is gone.
    @discardableResult public func write(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while isOpen, !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { isOpen = false } else { rest = rest.dropFirst(count) }
        }
        return isOpen
    }

    /// Writes a text.
    @discardableResult public func write(_ text: String) -> Bool { write(Array(text.utf8)) }

    /// Writes an answer with its length.
    public func answer(_ status: Int, _ fields: [(String, String)] = [], body: [UInt8] = []) {
        let lines = fields.map { "\($0): \($1)\r\n" }.joined()
        write(Array("HTTP/1.1 \(status) Status\r\n\(lines)Content-Length: \(body.count)\r\n\r\n".utf8) + body)
    }

    /// Writes bytes one by one until the peer or the server ends it.
    public func drip(_ bytes: [UInt8], everyMilliseconds interval: UInt32) {
        for byte in bytes {
            guard write([byte]) else { return }
            usleep(interval * 1000)
        }
    }

    /// Says nothing until the peer or the server ends it.
    public func hang() {
        while fill() {}
        isOpen = false
    }

    /// Ends the connection at once, without a word.
    public func close() {
        shutdown(descriptor, Int32(SHUT_RDWR))
        isOpen = false
    }

    /// The next request; nil when the peer has gone.
    func next(_ connection: Int) -> LoopbackRequest? {
        let end = Array("\r\n\r\n".utf8)
        while true {
            if let range = pending.firstRange(of: end) {
                let head = String(decoding: pending[..<range.lowerBound], as: UTF8.self)
                let bare = LoopbackRequest(head: head, body: [], connection: connection)
                let length = bare["content-length"].first.flatMap { Int($0) } ?? 0
                while pending.count - range.upperBound < length { if !fill() { return nil } }
                let body = Array(pending[range.upperBound..<range.upperBound + length])
                pending.removeFirst(range.upperBound + length)
                return LoopbackRequest(head: head, body: body, connection: connection)
            }
            if !fill() { return nil }
        }
    }

    private func fill() -> Bool {
        var part = [UInt8](repeating: 0, count: 1 << 16)
        let count = recv(descriptor, &part, part.count, 0)
        guard count > 0 else { return false }
        pending += part[..<count]
        return true
    }
}
