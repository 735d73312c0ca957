import Foundation
import NIOCore
import NIOPosix
import Synchronization
import TestSupport
import Testing

@testable import Daemon

/// Real connections over TLS, with the openssl program as the peer.
@Suite(.enabled(if: SelfSignedCertificate.isAvailable, "needs the openssl program"))
struct TLSConnectionTests {
    /// Of a peer that stands still after its handshake, not even goodbye is waited for: its descriptor is free as soon as it has given way.
    @Test func whoeverGivesWayIsGone() throws {
        try withServer { identity, channels, group, registry in
            let server = try listening(identity, channels, group) {
                ConnectionGuard(limit: .hours(1), grace: .seconds(3), registry: registry)
            }
            var peers: [Peer] = []
            for number in 1...6 {
                let peer = try Peer(server, ["-connect"])
                try peer.await("Verify return code")
                peer.stop()
                peers.append(peer)
                // Whoever gave way did so before this handshake.
                #expect(channels.count == min(number, 2) && registry.count == channels.count)
            }
        }
    }

    /// What is sent comes back to the bit, in records of all lengths, and far more than the sockets hold.
    @Test(arguments: ["-tls1_2", "-tls1_3"]) func bytesComeBack(version: String) throws {
        try withServer { identity, channels, group, _ in
            let server = try listening(identity, channels, group) { Echo() }
            let peer = try Peer(server, ["-quiet", version, "-connect"])
            var random = SeededGenerator(7)
            let bytes = Data((0..<3_000_000).map { _ in UInt8.random(in: 0...255, using: &random) })
            try peer.say(bytes)
            try until("all of it has come back") { peer.output.count >= bytes.count }
            #expect(peer.output == bytes)
            #expect(channels.count == 1)
        }
    }

    /// The peer's goodbye closes the connection, and so does a handshake that fails, with the reason as an alert.
    @Test func endsAndRefusals() throws {
        try withServer { identity, channels, group, _ in
            let server = try listening(identity, channels, group) { Echo() }
            let peer = try Peer(server, ["-connect"])
            try peer.await("Verify return code")
            #expect(channels.count == 1)
            try peer.sayNothingMore()
            try until("the goodbye is answered") { channels.count == 0 }
            let old = try Peer(server, ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0", "-connect"])
            try until("1.1 is refused") { !old.isRunning && channels.count == 0 }
            #expect(old.errors.contains("alert protocol version"))
            // Neither TLS nor in time: whoever says something else is closed at once.
            let plain = try ClientBootstrap(group: group).connect(to: server).wait()
            try plain.writeAndFlush(ByteBuffer(string: "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")).wait()
            try plain.closeFuture.wait()
            try until("nobody is left") { channels.count == 0 }
        }
    }

    @Test func filesOfNoUse() throws {
        try withDirectory { folder in
            let files = try SelfSignedCertificate(folder: folder),
                other = try SelfSignedCertificate(folder: folder, name: "other-")
            func reason(_ certificate: String, _ key: String) -> String {
                do throws(ConfigurationError) {
                    _ = try TLSIdentity(.init(certificateFile: certificate, keyFile: key))
                    return "none"
                } catch { return "\(error)" }
            }
            #expect(reason(files.certificate, files.key) == "none")
            #expect(reason("\(folder)/none.pem", files.key).contains("No such file or directory"))
            #expect(reason(files.key, files.key).contains("no start line"))
            #expect(reason(files.certificate, other.key).contains("key values mismatch"))
            let locked = "\(folder)/locked.pem"
            let lock = Process()
            lock.executableURL = URL(filePath: SelfSignedCertificate.program)
            lock.arguments = ["pkey", "-in", files.key, "-aes256", "-passout", "pass:secret", "-out", locked]
            try lock.run()
            lock.waitUntilExit()
            let locking = reason(files.certificate, locked)
            #expect(locking.contains("locked.pem") && locking.contains("without a password"))
        }
    }

    // MARK: A server

    private func withServer(
        _ body: (TLSIdentity, OpenChannels, MultiThreadedEventLoopGroup, ConnectionRegistry) throws -> Void
    ) throws {
        try withDirectory { folder in
            let files = try SelfSignedCertificate(folder: folder)
            let identity = try TLSIdentity(.init(certificateFile: files.certificate, keyFile: files.key))
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            defer { try? group.syncShutdownGracefully() }
            try body(identity, OpenChannels(), group, ConnectionRegistry(most: 2))
        }
    }

    private func listening(
        _ identity: TLSIdentity, _ channels: OpenChannels, _ group: MultiThreadedEventLoopGroup,
        _ handler: @escaping @Sendable () -> any ChannelHandler
    ) throws -> SocketAddress {
        let server = try ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channels.add(channel)
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([TLSHandler(identity), handler()])
                }
            }
            .bind(host: "127.0.0.1", port: 0).wait()
        return try #require(server.localAddress)
    }

    private func until(_ what: Comment, _ isSo: () -> Bool) throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while !isSo() {
            try #require(ContinuousClock.now < deadline, what)
            usleep(2000)
        }
    }

    /// How many connections have not been closed.
    private final class OpenChannels: Sendable {
        private let state = Mutex(0)

        var count: Int { state.withLock { $0 } }

        func add(_ channel: any Channel) {
            state.withLock { $0 += 1 }
            channel.closeFuture.whenComplete { _ in self.state.withLock { $0 -= 1 } }
        }
    }

    /// Says what it is told.
    private final class Echo: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { context.writeAndFlush(data, promise: nil) }
    }

    /// The openssl program as a client.
    private final class Peer {
        private let process = Process()
        private let input = Pipe()
        private let folder: String

        init(_ address: SocketAddress, _ options: [String]) throws {
            folder = NSTemporaryDirectory() + "nasd-peer-" + UUID().uuidString
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            process.executableURL = URL(filePath: SelfSignedCertificate.program)
            process.arguments = ["s_client"] + options + ["127.0.0.1:\(address.port ?? 0)"]
            process.standardInput = input
            process.standardOutput = try file("output")
            process.standardError = try file("errors")
            try process.run()
        }

        deinit {
            if process.isRunning { kill(process.processIdentifier, SIGKILL) }
            try? FileManager.default.removeItem(atPath: folder)
        }

        var isRunning: Bool { process.isRunning }
        var output: Data { FileManager.default.contents(atPath: "\(folder)/output") ?? Data() }
        var errors: String {
            String(decoding: FileManager.default.contents(atPath: "\(folder)/errors") ?? Data(), as: UTF8.self)
        }

        func say(_ bytes: Data) throws { try input.fileHandleForWriting.write(contentsOf: bytes) }
        func sayNothingMore() throws { try input.fileHandleForWriting.close() }
        func stop() { kill(process.processIdentifier, SIGSTOP) }

        func await(_ text: String) throws {
            let deadline = ContinuousClock.now + .seconds(60)
            while !String(decoding: output, as: UTF8.self).contains(text) {
                try #require(ContinuousClock.now < deadline && isRunning, "expected '\(text)', found: \(errors)")
                usleep(2000)
            }
        }

        private func file(_ name: String) throws -> FileHandle {
            let path = "\(folder)/\(name)"
            try Data().write(to: URL(filePath: path))
            return try FileHandle(forWritingTo: URL(filePath: path))
        }
    }
}
