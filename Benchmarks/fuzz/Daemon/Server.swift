import Foundation

@testable import Daemon

extension Format {
    /// What reaches a daemon.
    static let all = [server]

    /// Heads and bodies of HTTP: a daemon of this process, asked over its Unix socket.
    static let server = Format(
        name: "http",
        read: { bytes in
            daemon.ask(bytes)
        },
        repair: { bytes in
            // The body is as long as the head says.
            guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)),
                let field = bytes.firstRange(of: Array("Content-Length: ".utf8)), field.upperBound < end.lowerBound
            else { return }
            var last = field.upperBound
            while last < end.lowerBound, (0x30...0x39).contains(bytes[last]) { last += 1 }
            bytes.replaceSubrange(field.upperBound..<last, with: "\(bytes.count - end.upperBound)".utf8)
        })

    private static let daemon = ServedHere()
}

/// A daemon in this process that computes nothing.
private final class ServedHere: Sendable {
    private let path = "\(Scratch.folder)/s"

    init() {
        let path = path, folder = "\(Scratch.folder)/data"
        Task.detached {
            do {
                let load: @Sendable () async throws -> DaemonConfiguration = {
                    try await DaemonConfiguration.load(
                        file: nil,
                        flags: [
                            "dataDirectory": folder, "socket": path, "workers": "1", "diskLow": "1MiB",
                            "log.level": "error",
                        ],
                        environment: [:])
                }
                try await NasdDaemon.run(load(), reloading: load)
            } catch {
                fatalError("\(error)")
            }
        }
        for _ in 0..<600 where !(connected().map { close($0) == 0 } ?? false) { usleep(50_000) }
    }

    private func connected() -> Int32? {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = UInt16(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, UInt32(MemoryLayout<sockaddr_un>.size))
            }
        }
        if result == 0 { return descriptor }
        close(descriptor)
        return nil
    }

    /// Sends bytes, says that there are no more, and takes what comes until the end, or for a fifth of a second.
    func ask(_ bytes: [UInt8]) {
        guard let descriptor = connected() else { fatalError("the daemon takes no connection") }
        var limit = timeval(tv_sec: 0, tv_usec: 200_000)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, UInt32(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, UInt32(MemoryLayout<timeval>.size))
        _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        shutdown(descriptor, Int32(SHUT_WR))
        var answer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = recv(descriptor, &answer, answer.count, 0), count > 0 {
            note(String(decoding: answer.prefix(count), as: UTF8.self))
            if answer.starts(with: "HTTP/1.1 500".utf8) { fatalError("an answer of 500") }
        }
        close(descriptor)
    }
}
