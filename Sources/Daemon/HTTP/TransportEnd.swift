internal import NIOCore

/// Stands before all other handlers of a connection, TLS too, and closes it there when somebody asks for its end.
///
/// A close from behind TLS says goodbye and waits seconds for the peer's, who holds the connection and its descriptor meanwhile:
/// whoever is closed for asking nothing answers nothing either.
final class TransportEnd: ChannelOutboundHandler {
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    /// What asks for it.
    private struct Now: Sendable {}

    /// Closes a connection that has the handler, without a goodbye.
    static func close(_ connection: some ChannelOutboundInvoker) {
        connection.triggerUserOutboundEvent(Now(), promise: nil)
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is Now else { return context.triggerUserOutboundEvent(event, promise: promise) }
        context.close(promise: promise)
    }
}
