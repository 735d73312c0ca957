import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import Synchronization
import TestSupport
import Testing

@testable import Daemon

/// Real connections over TLS, whose peers say nothing after their handshakes, not even goodbye.
@Suite struct TLSConnectionTests {
    /// Its descriptor is free as soon as it has given way: what closes behind TLS waits five seconds for the peer.
    @Test(.enabled(if: SelfSignedCertificate.isAvailable, "needs the openssl program"))
    func whoeverGivesWayIsGone() throws {
        try withDirectory { folder in
            let files = try SelfSignedCertificate(folder: folder)
            let identity = try TLSIdentity(.init(certificateFile: files.certificate, keyFile: files.key))
            let context = try NIOSSLContext(
                configuration: .makeServerConfiguration(certificateChain: identity.chain, privateKey: identity.key))
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            defer { try? group.syncShutdownGracefully() }
            let registry = ConnectionRegistry(most: 2), open = OpenChannels()
            let server = try ServerBootstrap(group: group)
                .childChannelInitializer { channel in
                    open.add(channel)
                    return channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandlers([
                            NIOSSLServerHandler(context: context),
                            ConnectionGuard(limit: .seconds(30), grace: .seconds(3), registry: registry),
                        ])
                    }
                }
                .bind(host: "127.0.0.1", port: 0).wait()
            var trust = TLSConfiguration.makeClientConfiguration()
            trust.certificateVerification = .none
            let client = try NIOSSLContext(configuration: trust), address = try #require(server.localAddress)
            for number in 1...6 {
                let handshake = group.next().makePromise(of: Void.self)
                _ = try ClientBootstrap(group: group)
                    .channelInitializer { channel in
                        channel.eventLoop.makeCompletedFuture {
                            try channel.pipeline.syncOperations.addHandlers([
                                NIOSSLClientHandler(context: client, serverHostname: nil), SilentPeer(handshake),
                            ])
                        }
                    }
                    .connect(to: address).wait()
                try handshake.futureResult.wait()
                #expect(open.count == min(number, 2) && registry.count == min(number, 2))
            }
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

    /// Reads nothing once the handshake is over.
    private final class SilentPeer: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let handshake: EventLoopPromise<Void>

        init(_ handshake: EventLoopPromise<Void>) { self.handshake = handshake }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            guard case TLSUserEvent.handshakeCompleted = event else { return }
            context.channel.setOption(.autoRead, value: false).cascade(to: handshake)
        }
    }
}
