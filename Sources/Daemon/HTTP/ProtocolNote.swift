internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import NIOHTTP1

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
