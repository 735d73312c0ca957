internal import Hummingbird
internal import NIOCore

/// What the routes know about a request beyond the request.
struct NasdContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The peer's address; nil on a Unix socket.
    let peer: String?

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        peer = source.channel.remoteAddress?.ipAddress
    }
}
