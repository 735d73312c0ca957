internal import CCurl  // curl.h brings the kinds of sockets, which Glibc does not
internal import Glibc

/// Connections to Unix sockets that no HTTP client makes.
public enum UnixSocket {
    /// The descriptor of a connection, closed in programs that are started; nil when nobody answers there.
    public static func connected(to path: String) -> Int32? {
        let descriptor = make()
        guard descriptor >= 0 else { return nil }
        let answer = withAddress(of: path) { connect(descriptor, $0, $1) }
        guard answer == 0 else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    /// A socket that is listened on at a path, whose mode is set before anybody can connect; nil with errno where that cannot be.
    public static func listening(at path: String, mode: UInt32) -> Int32? {
        let descriptor = make()
        guard descriptor >= 0 else { return nil }
        guard withAddress(of: path, { bind(descriptor, $0, $1) }) == 0, chmod(path, mode) == 0,
            listen(descriptor, 128) == 0
        else {
            let code = errno
            close(descriptor)
            errno = code
            return nil
        }
        return descriptor
    }

    /// A socket that no program which is started gets.
    private static func make() -> Int32 {
        socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    }

    /// What a call that takes an address comes to for a path.
    private static func withAddress(
        of path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { target in
            for (index, byte) in path.utf8.prefix(target.count - 1).enumerated() { target[index] = byte }
        }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
