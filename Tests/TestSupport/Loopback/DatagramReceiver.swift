public import Foundation
internal import Synchronization

/// A socket that datagrams are sent to, as a service manager has one.
public final class DatagramReceiver: Sendable {
    /// A datagram that came.
    public struct Message: Sendable {
        /// Its text.
        public let text: String
        /// When it came.
        public let time: Date
    }

    private let descriptor: Int32
    private let path: String?
    private let state = Mutex<[Message]>([])

    /// Receives at a name from now on: a path, or an abstract name after `@`.
    public init(_ name: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        path = name.hasPrefix("@") ? nil : name
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = name.hasPrefix("@") ? [0] + Array(name.utf8.dropFirst()) : Array(name.utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        // An abstract name is all that the length has; a path ends at its zero.
        let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count + (path == nil ? 0 : 1))
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        guard code == 0 else {
            let number = errno
            close(descriptor)
            throw POSIXError(POSIXErrorCode(rawValue: number) ?? .EIO)
        }
        Thread.detachNewThread { [descriptor, weak self] in
            var buffer = [UInt8](repeating: 0, count: 8192)
            while true {
                let count = recv(descriptor, &buffer, buffer.count, 0)
                guard count > 0, let self else { return }
                let text = String(decoding: buffer[..<count], as: UTF8.self)
                state.withLock { $0.append(Message(text: text, time: Date())) }
            }
        }
    }

    deinit {
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
        if let path { unlink(path) }
    }

    /// What came so far.
    public var messages: [Message] { state.withLock { $0.map(\.self) } }

    /// Whether a datagram came that begins with a text.
    public func has(_ prefix: String) -> Bool { messages.contains { $0.text.hasPrefix(prefix) } }
}
