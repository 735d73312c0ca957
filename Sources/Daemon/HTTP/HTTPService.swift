internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import ServiceLifecycle

/// The API on one address: the Unix socket, or TCP with a token.
struct HTTPService: Service {
    let core: DaemonCore
    let group: any EventLoopGroup
    /// The TCP address; nil for the Unix socket.
    let address: ListenAddress?

    /// Seconds for a head, for a body, and for a peer to take what is written.
    static let patienceSeconds: Int64 = 30
    /// Seconds that connections have left when the daemon stops.
    private static let graceSeconds: Int64 = 3

    /// The routes, behind whatever the address asks for.
    static func router(
        _ core: DaemonCore, asksForToken: Bool = false, isEncrypted: Bool = false
    ) -> Router<NasdContext> {
        let router = Router(context: NasdContext.self)
        router.add(middleware: ProblemMiddleware(core: core))
        router.add(
            middleware: PeerMiddleware(
                rule: PeerRule(hosts: Set(core.configuration.hosts), isEncrypted: isEncrypted)))
        if asksForToken {
            router.add(middleware: TokenMiddleware(settings: core.renewable, limiter: FailureLimiter()))
        }
        RunsController(core: core).add(to: router)
        CandidatesController(core: core).add(to: router)
        PointsController(core: core).add(to: router)
        TrainingController(core: core).add(to: router)
        EventsController(core: core).add(to: router)
        FilesController(core: core).add(to: router)
        WebhooksController(core: core).add(to: router)
        SystemController(core: core).add(to: router)
        DashboardController().add(to: router)
        return router
    }

    func run() async throws {
        let bind: BindAddress =
            address.map { .hostname($0.host, port: $0.port) } ?? .unixDomainSocket(path: core.configuration.socket)
        let registry = ConnectionRegistry(most: core.mostConnections)
        let configuration = HTTP1Channel.Configuration(
            additionalChannelHandlers: [
                ConnectionGuard(
                    limit: .seconds(Self.patienceSeconds), grace: .seconds(Self.graceSeconds), registry: registry)
            ])
        let isEncrypted = address != nil && core.renewable.identity != nil
        let server = HTTPServerBuilder { responder in
            let channel = HTTP1Channel(responder: responder, configuration: configuration)
            return isEncrypted ? EncryptedChannel(base: channel, settings: core.renewable) : channel
        }
        let application = Application(
            router: Self.router(core, asksForToken: address != nil, isEncrypted: isEncrypted),
            server: server, configuration: .init(address: bind, serverName: "nasd"),
            onServerRunning: { channel in await opened(channel) }, eventLoopGroupProvider: .shared(group),
            logger: core.log.quiet)
        do {
            try await application.run()
        } catch let error as IOError {
            throw DaemonError.cannotListen(
                address: address.map { "\($0.host):\($0.port)" } ?? core.configuration.socket,
                reason: String(cString: strerror(error.errnoCode)))
        }
    }

    private func opened(_ channel: any Channel) async {
        if let address {
            let port = channel.localAddress?.port ?? address.port
            core.log.info("listening", metadata: ["address": "\(address.host):\(port)"])
        } else {
            let path = core.configuration.socket
            let group = try? SocketFile.groupNumber(core.configuration.socketGroup)
            guard SocketFile.makeAccessible(path, group: group ?? nil) else {
                core.log.critical("the socket cannot be made accessible", metadata: ["socket": "\(path)"])
                return
            }
            core.conditions.isListening = true
            core.log.info("listening", metadata: ["socket": "\(path)"])
        }
    }
}

/// What the routes know about a request beyond the request.
struct NasdContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The peer's address; nil on a Unix socket.
    let peer: String?
    /// The address and port that the connection came to; nil on a Unix socket.
    let local: (address: String, port: Int)?

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        peer = source.channel.remoteAddress?.ipAddress
        let here = source.channel.localAddress
        if let address = here?.ipAddress, let port = here?.port {
            local = (address, port)
        } else {
            local = nil
        }
    }
}

/// Notes in a header of its own what routes do not see of a request: its version of HTTP, and a target that names a host.
///
/// A header of that name that a peer sends is removed.
final class ProtocolNote: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    private static let name = "nasd-protocol"
    private static let header = HTTPField.Name("nasd-protocol")!
    private static let old = "1.0"
    private static let foreign = "foreign target"

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(var head) = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
        head.headers.remove(name: Self.name)
        if !head.uri.hasPrefix("/") {
            head.headers.add(name: Self.name, value: Self.foreign)
        } else if head.version == .http1_0 {
            head.headers.add(name: Self.name, value: Self.old)
        }
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    /// Whether a request is of HTTP/1.0, in which a Host need not be named.
    static func isOld(_ request: Request) -> Bool { request.headers[header] == old }

    /// Whether the target of a request is no path, as of one to a proxy: its host would outdo the header's.
    static func hasForeignTarget(_ request: Request) -> Bool { request.headers[header] == foreign }
}
