internal import Coordinator
internal import Foundation
internal import HTTPClient
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle

/// Takes workers that connect themselves: each claims a slot of a command, and is handed to the run that asks that slot.
struct WorkerService: Service {
    let core: DaemonCore
    let group: any EventLoopGroup
    let address: WorkerAddress

    /// Connections that have not claimed anything yet; whoever comes next takes the place of the oldest of them.
    private static let mostUnclaimed = 64

    func run() async throws {
        let registry = ConnectionRegistry(most: core.connections.most + Self.mostUnclaimed)
        let limiter = FailureLimiter()
        let isEncrypted = if case .tcp = address { core.renewable.identity != nil } else { false }
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 128)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { [core] channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if isEncrypted, let identity = core.renewable.identity {
                        try pipeline.addHandler(TLSHandler(identity))
                    }
                    try pipeline.addHandler(ClaimHandler(core: core, registry: registry, limiter: limiter))
                }
            }
        let server = try await listening(bootstrap)
        core.log.info("listening for workers", metadata: ["address": "\(address.text(server.localAddress?.port))"])
        // Runs have come to rest by then, and so said goodbye to theirs.
        try? await gracefulShutdown()
        try? await server.close()
        registry.closeAll()
        if case .socket(let path) = address { unlink(path) }
    }

    private func listening(_ bootstrap: ServerBootstrap) async throws -> any Channel {
        do {
            switch address {
            case .socket(let path):
                return try await bootstrap.withBoundSocket(try SocketFile.listen(path, mode: 0o600)).get()
            case .tcp(let address):
                return try await Self.keepingAlive(bootstrap).bind(host: address.host, port: address.port).get()
            }
        } catch let error as IOError {
            throw DaemonError.cannotListen(
                address: address.text(nil), reason: String(cString: strerror(error.errnoCode)))
        }
    }

    /// A worker whose machine is gone is noticed after half a minute, so that its slot is free again.
    private static func keepingAlive(_ bootstrap: ServerBootstrap) -> ServerBootstrap {
        func option(_ name: Int32) -> ChannelOptions.Types.SocketOption {
            .init(level: .tcp, name: .init(rawValue: name))
        }
        return bootstrap.childChannelOption(.socketOption(.so_keepalive), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(option(TCP_KEEPIDLE), value: 15)
            .childChannelOption(option(TCP_KEEPINTVL), value: 5)
            .childChannelOption(option(TCP_KEEPCNT), value: 3)
            .childChannelOption(option(TCP_USER_TIMEOUT), value: 30_000)
    }
}

/// Where workers connect to.
public enum WorkerAddress: Sendable, Hashable {
    /// A Unix socket, which the daemon's own user alone may use.
    case socket(String)
    /// A TCP address.
    case tcp(ListenAddress)

    func text(_ port: Int?) -> String {
        switch self {
        case .socket(let path): path
        case .tcp(let address): "\(address.host):\(port ?? address.port)"
        }
    }
}
