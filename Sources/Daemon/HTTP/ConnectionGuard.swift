internal import HTTPTypes
internal import NIOCore
internal import NIOExtras
internal import NIOHTTPTypes
internal import NIOHTTPTypesHTTP1

/// Bounds in time what a peer can make of a connection.
///
/// A head must come within the limit, counted from the connection or the last answer, and a body within the same limit
/// from its head, however it drips. A write that the peer does not take within the limit closes the connection, which
/// bounds an unread answer without bounding a long download. When the server stops, what is left after the grace is
/// closed. Over TLS the handshake is part of the time for the first head.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let limit: TimeAmount
    private let grace: TimeAmount
    private let registry: ConnectionRegistry?
    private var isRegistered = false
    private var reading: Scheduled<Void>?
    private var writing: Scheduled<Void>?
    private var unwritten = 0
    private var isReadingBody = false
    private var answersOwed = 0

    /// - Parameter registry: Where the connection counts; nil for nowhere.
    init(limit: TimeAmount, grace: TimeAmount, registry: ConnectionRegistry? = nil) {
        self.limit = limit
        self.grace = grace
        self.registry = registry
    }

    func handlerAdded(context: ChannelHandlerContext) {
        noteProtocol(context)
        if context.channel.isActive { begin(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        stop()
        registry?.remove(context.channel)
        context.fireChannelInactive()
    }

    private func begin(_ context: ChannelHandlerContext) {
        awaitRequest(context)
        guard !isRegistered else { return }
        isRegistered = true
        registry?.add(context.channel)
    }

    /// Puts the note of the protocol before the handler that drops it.
    private func noteProtocol(_ context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        guard let codec = try? pipeline.handler(type: HTTP1ToHTTPServerCodec.self) else { return }
        try? pipeline.addHandler(ProtocolNote(), position: .before(codec))
    }

    func handlerRemoved(context: ChannelHandlerContext) { stop() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            isReadingBody = true
            answersOwed += 1
            registry?.note(context.channel, isWaiting: true)
            awaitRequest(context)
        case .body: break
        case .end:
            isReadingBody = false
            reading?.cancel()
            reading = nil
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let isEnd = if case .end = unwrapOutboundIn(data) { true } else { false }
        unwritten += 1
        if writing == nil { writing = closing(context, after: limit) }
        let written = promise ?? context.eventLoop.makePromise()
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        written.futureResult.whenComplete { _ in
            let (handler, context) = bound.value
            handler.unwritten -= 1
            // Whatever was taken shows that the peer reads; what is left has the whole limit again.
            handler.writing?.cancel()
            handler.writing = handler.unwritten > 0 ? handler.closing(context, after: handler.limit) : nil
        }
        if isEnd {
            answersOwed -= 1
            if answersOwed == 0 { registry?.note(context.channel, isWaiting: false) }
            if answersOwed == 0, !isReadingBody { awaitRequest(context) }
        }
        context.write(data, promise: written)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent { _ = closing(context, after: grace) }
        context.fireUserInboundEventTriggered(event)
    }

    private func awaitRequest(_ context: ChannelHandlerContext) {
        reading?.cancel()
        reading = closing(context, after: limit)
    }

    private func closing(_ context: ChannelHandlerContext, after time: TimeAmount) -> Scheduled<Void> {
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        return context.eventLoop.scheduleTask(in: time) { bound.value.close(promise: nil) }
    }

    private func stop() {
        reading?.cancel()
        writing?.cancel()
        reading = nil
        writing = nil
    }
}
