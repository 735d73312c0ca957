internal import Hummingbird
internal import NIOCore

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
