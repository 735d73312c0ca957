internal import HTTPTypes
internal import NIOCore
internal import NIOHTTP1

/// Notes the version of HTTP in a header of its own, since what routes see of a request has none.
///
/// A header of that name that a peer sends is removed.
final class ProtocolNote: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    private static let name = "nasd-protocol"
    /// The header.
    static let header = HTTPField.Name("nasd-protocol")!
    /// Its value for HTTP/1.0.
    static let old = "1.0"

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(var head) = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
        head.headers.remove(name: Self.name)
        if head.version == .http1_0 { head.headers.add(name: Self.name, value: Self.old) }
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }
}
