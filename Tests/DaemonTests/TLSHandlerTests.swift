import COpenSSL
import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import Daemon

/// Connections in memory, with OpenSSL's client as the peer.
@Suite(.enabled(if: SelfSignedCertificate.isAvailable, "needs the openssl program"))
struct TLSHandlerTests {
    /// A hello may come byte by byte; what was said before the handshake is over is said after it, in order.
    @Test func whatIsSaidEarlyWaits() throws {
        try withPeer { channel, peer in
            let early = channel.writeAndFlush(ByteBuffer(string: "early, "))
            channel.write(ByteBuffer(string: "late"), promise: nil)
            try peer.shakeHands(channel, partBytes: 1)
            try early.wait()
            #expect(try peer.heard(channel) == "early, ")
            channel.flush()
            #expect(try peer.heard(channel) == "late")
            try peer.say("hello", to: channel)
            #expect(try channel.readInbound(as: ByteBuffer.self) == ByteBuffer(string: "hello"))
        }
    }

    /// New keys are given, but not again and again, with something said in between or not.
    @Test(arguments: [false, true]) func newKeys(isSpeaking: Bool) throws {
        try withPeer { channel, peer in
            try peer.shakeHands(channel, partBytes: 4096)
            for _ in 0..<50 { try peer.askForKeys(channel) }
            try peer.say("x", to: channel)
            #expect(try channel.readInbound(as: ByteBuffer.self) == ByteBuffer(string: "x"))
            try channel.writeOutbound(ByteBuffer(string: "still here"))
            #expect(try peer.heard(channel) == "still here")
            var count = 0
            while channel.isActive, count < 1000 {
                try peer.askForKeys(channel)
                if isSpeaking { try peer.say("x", to: channel) }
                count += 1
            }
            #expect(count < 20)
        }
    }

    /// So are new handshakes, which TLS 1.2 lets a peer ask for: the first is declined, and here one more than the first handshake's three
    /// messages is too many.
    @Test func newHandshakes() throws {
        for (most, isActive) in [(Optional(4), true), (3, false), (nil, true)] {
            try withPeer(most: most) { channel, _ in
                let peer = Peer(options: Peer.noTLS13)
                try peer.shakeHands(channel, partBytes: 4096)
                #expect(channel.isActive)
                try peer.askForHandshake(channel)
                #expect(channel.isActive == isActive)
            }
        }
    }

    /// A handshake that goes on for ever is no way of sending for ever.
    @Test func silence() throws {
        try withPeer { channel, _ in
            // A hello of 131,000 bytes is announced, which comes in records of 16,000.
            let head: [UInt8] = [1, 0x01, 0xFF, 0xB8, 3, 3]
            var sent = 0
            while channel.isActive, sent < 131_000 {
                let part = (sent == 0 ? head : []) + [UInt8](repeating: 7, count: sent == 0 ? 15_994 : 16_000)
                channel.pipeline.fireChannelRead(ByteBuffer(bytes: [22, 3, 1, 0x3E, 0x80] + part))
                sent += 16_000
            }
            #expect((64_000...96_000).contains(sent), "\(sent)")
        }
    }

    /// A record that is whole and not what the keys make of anything ends the connection.
    @Test func forgedRecords() throws {
        try withPeer { channel, peer in
            try peer.shakeHands(channel, partBytes: 4096)
            // Not whole yet.
            channel.pipeline.fireChannelRead(
                ByteBuffer(bytes: [23, 3, 3, 0x41, 0x00] + [UInt8](repeating: 7, count: 16_000)))
            #expect(channel.isActive)
            channel.pipeline.fireChannelRead(ByteBuffer(bytes: [UInt8](repeating: 7, count: 1000)))
            #expect(!channel.isActive)
        }
    }

    /// Closing says goodbye and is done; what was not sent fails.
    @Test func goodbyes() throws {
        try withPeer { channel, peer in
            try peer.shakeHands(channel, partBytes: 4096)
            let unsent = channel.eventLoop.makePromise(of: Void.self)
            channel.write(ByteBuffer(string: "not flushed"), promise: unsent)
            channel.close(promise: nil)
            #expect(!channel.isActive)
            #expect(throws: ChannelError.ioOnClosedChannel) { try unsent.futureResult.wait() }
            #expect(try peer.heard(channel) == "" && peer.isToldOfTheEnd)
        }
        try withPeer { channel, peer in
            try peer.shakeHands(channel, partBytes: 4096)
            try peer.sayGoodbye(to: channel)
            #expect(!channel.isActive)
        }
    }

    /// Where one direction may be closed, a peer that has said goodbye is answered still, and the second goodbye is the end.
    @Test func halves() throws {
        try withPeer { channel, peer in
            channel.allowRemoteHalfClosure = true
            try peer.shakeHands(channel, partBytes: 4096)
            try peer.sayGoodbye(to: channel)
            #expect(channel.isActive)
            try channel.writeOutbound(ByteBuffer(string: "answer"))
            #expect(try peer.heard(channel) == "answer")
            channel.close(mode: .output, promise: nil)
            #expect(!channel.isActive)
            #expect(try peer.heard(channel) == "" && peer.isToldOfTheEnd)
        }
        try withPeer { channel, peer in
            channel.allowRemoteHalfClosure = true
            try peer.shakeHands(channel, partBytes: 4096)
            try peer.sayGoodbye(to: channel)
            // It has nothing more to say.
            for _ in 0..<10 { channel.pipeline.fireChannelRead(ByteBuffer(repeating: 7, count: 16_000)) }
            #expect(!channel.isActive)
        }
    }

    /// The end of the peer's input is the end of a connection that has not shaken hands, or that wants whole ones.
    @Test func ends() throws {
        for isEstablished in [false, true] {
            try withPeer { channel, peer in
                if isEstablished { try peer.shakeHands(channel, partBytes: 4096) }
                channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
                #expect(!channel.isActive)
            }
        }
    }

    /// Bytes that are no TLS end the connection, and nothing is handed on.
    @Test func noise() throws {
        var random = SeededGenerator(3)
        for length in [1, 5, 100, 20_000] {
            try withPeer { channel, _ in
                for _ in 0..<10 where channel.isActive {
                    let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
                    channel.pipeline.fireChannelRead(ByteBuffer(bytes: bytes))
                }
                #expect(length == 1 || !channel.isActive)
                let read = try channel.readInbound(as: ByteBuffer.self)
                #expect(read == nil)
            }
        }
    }

    private func withPeer(most: Int? = nil, _ body: (EmbeddedChannel, Peer) throws -> Void) throws {
        try withDirectory { folder in
            let files = try SelfSignedCertificate(folder: folder)
            let identity = try TLSIdentity(.init(certificateFile: files.certificate, keyFile: files.key))
            let channel = EmbeddedChannel(
                handler: try TLSHandler(identity, mostHandshakeMessages: most ?? TLSHandler.usualHandshakeMessages))
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
            try body(channel, Peer())
            _ = try? channel.finish(acceptAlreadyClosed: true)
        }
    }

    /// A client of OpenSSL.
    private final class Peer {
        private let context = SSL_CTX_new(TLS_client_method())
        private let connection: OpaquePointer?
        private let input = BIO_new(BIO_s_mem()), output = BIO_new(BIO_s_mem())

        /// OpenSSL's SSL_OP_NO_TLSv1_3, a macro.
        static let noTLS13: UInt64 = 1 << 29

        init(options: UInt64 = 0) {
            SSL_CTX_set_options(context, options)
            connection = SSL_new(context)
            SSL_set_bio(connection, input, output)
            SSL_set_connect_state(connection)
        }

        deinit {
            SSL_free(connection)
            SSL_CTX_free(context)
        }

        var isToldOfTheEnd: Bool { SSL_get_shutdown(connection) & SSL_RECEIVED_SHUTDOWN != 0 }

        func shakeHands(_ channel: EmbeddedChannel, partBytes: Int) throws {
            for _ in 0..<10 where SSL_do_handshake(connection) != 1 {
                try send(channel, partBytes: partBytes)
                try take(channel)
            }
            try #require(SSL_is_init_finished(connection) == 1)
            try send(channel, partBytes: partBytes)
        }

        func say(_ text: String, to channel: EmbeddedChannel) throws {
            try #require(SSL_write(connection, text, Int32(text.utf8.count)) == text.utf8.count)
            try send(channel)
        }

        func askForKeys(_ channel: EmbeddedChannel) throws {
            try #require(SSL_key_update(connection, SSL_KEY_UPDATE_REQUESTED) == 1 && SSL_do_handshake(connection) == 1)
            try send(channel)
        }

        func askForHandshake(_ channel: EmbeddedChannel) throws {
            try #require(SSL_renegotiate(connection) == 1)
            _ = SSL_do_handshake(connection)
            try send(channel)
        }

        func sayGoodbye(to channel: EmbeddedChannel) throws {
            SSL_shutdown(connection)
            try send(channel)
        }

        /// What has been said to it since it was asked last.
        func heard(_ channel: EmbeddedChannel) throws -> String {
            try take(channel)
            var text = "", room = [UInt8](repeating: 0, count: 16_384)
            while case let count = SSL_read(connection, &room, Int32(room.count)), count > 0 {
                text += String(decoding: room.prefix(Int(count)), as: UTF8.self)
            }
            return text
        }

        private func send(_ channel: EmbeddedChannel, partBytes: Int = .max) throws {
            var room = [UInt8](repeating: 0, count: BIO_ctrl_pending(output))
            guard !room.isEmpty, BIO_read(output, &room, Int32(room.count)) == room.count else { return }
            var rest = ByteBuffer(bytes: room)
            while rest.readableBytes > 0, channel.isActive,
                let part = rest.readSlice(length: min(partBytes, rest.readableBytes))
            {
                channel.pipeline.fireChannelRead(part)
                channel.pipeline.fireChannelReadComplete()
            }
        }

        private func take(_ channel: EmbeddedChannel) throws {
            while let bytes = try channel.readOutbound(as: ByteBuffer.self) {
                bytes.withUnsafeReadableBytes { _ = BIO_write(input, $0.baseAddress, Int32($0.count)) }
            }
        }
    }
}
