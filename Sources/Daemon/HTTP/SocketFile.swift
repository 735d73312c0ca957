internal import Foundation
internal import HTTPClient
internal import Store

/// The Unix socket as a file.
enum SocketFile {
    /// Makes way for the server: a socket that nobody answers on is removed by the server, anything else is a conflict.
    ///
    /// - Throws: ``DaemonError/socketInUse(_:)``, ``DaemonError/notASocket(_:)`` or ``ConfigurationError``.
    static func checkFree(_ path: String, key: String = "socket") throws {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
            guard access(folder, W_OK | X_OK) == 0 else {
                throw ConfigurationError([
                    .init(
                        place: "configuration", key: key,
                        message: "\(folder) is not a folder that can be written to",
                        hint: "create it, or choose another socket")
                ])
            }
            return
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw DaemonError.notASocket(path) }
        guard let descriptor = UnixSocket.connected(to: path) else { return }
        close(descriptor)
        throw DaemonError.socketInUse(path)
    }

    /// A socket that is listened on at a path, with its mode set before anybody can connect.
    ///
    /// - Throws: ``DaemonError/cannotListen(address:reason:)``.
    static func listen(_ path: String, mode: mode_t) throws(DaemonError) -> Int32 {
        unlink(path)
        guard let descriptor = UnixSocket.listening(at: path, mode: mode) else {
            throw .cannotListen(address: path, reason: String(cString: strerror(errno)))
        }
        return descriptor
    }

    /// The number of a group that the socket can be given to; nil for none.
    ///
    /// - Throws: ``DaemonError/noSuchGroup(_:)`` for a group that there is not, or that this process is not in.
    static func groupNumber(_ name: String?) throws(DaemonError) -> gid_t? {
        guard let name else { return nil }
        guard let entry = getgrnam(name) else { throw .noSuchGroup(name) }
        let number = entry.pointee.gr_gid
        var own = [gid_t](repeating: 0, count: 1024)
        let count = Int(getgroups(Int32(own.count), &own))
        guard geteuid() == 0 || getegid() == number || own.prefix(max(0, count)).contains(number) else {
            throw .noSuchGroup(name)
        }
        return number
    }

    /// Lets the owner and the group use it, and nobody else.
    static func makeAccessible(_ path: String, group: gid_t?) -> Bool {
        if let group, chown(path, uid_t.max, group) != 0 { return false }
        return chmod(path, 0o660) == 0
    }
}
