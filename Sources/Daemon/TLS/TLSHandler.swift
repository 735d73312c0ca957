internal import HummingbirdCore
internal import Logging
internal import NIOCore

/// Encrypts a connection: stands before all handlers that deal with what is said.
///
/// Closing says goodbye and waits for no answer, but for a moment until what was said before is sent. A peer that sends much and says nothing by
/// it is closed, and so is one that asks for new keys or handshakes again and again, which costs it less than the server.
final class TLSHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Bytes that a peer may send without saying anything: some of the largest records, or a handshake with long chains.
    private static let mostSilentBytes = 65_536
    /// Messages of a peer about the connection itself: a handshake has three, and new keys are needed once in some gigabytes.
    static let usualHandshakeMessages = 64
    /// How long what was said before a close may take.
    private static let goodbyeLimit = TimeAmount.seconds(3)
    /// Bytes that are looked at before these limits are.
    private static let lookBytes = 8192

    private var session: TLSSession?
    private var isEstablished = false
    private let mostHandshakeMessages: Int
    private var isInputClosed = false
    private var isOutputClosed = false
    private var silentBytes = 0
    private var hasRead = false
    private var waiting = MarkedCircularBuffer<(bytes: ByteBuffer, promise: EventLoopPromise<Void>?)>(
        initialCapacity: 4)

    /// Creates the handler of one connection.
    ///
    /// - Throws: ``TLSFailure`` where there is no memory for it.
    init(_ identity: TLSIdentity, mostHandshakeMessages: Int = usualHandshakeMessages) throws(TLSFailure) {
        self.mostHandshakeMessages = mostHandshakeMessages
        guard let session = TLSSession(identity) else { throw .ofLibrary() }
        self.session = session
    }

    // MARK: From the peer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        while let session, let part = bytes.readSlice(length: min(Self.lookBytes, bytes.readableBytes)),
            part.readableBytes > 0
        {
            do throws(TLSFailure) {
                silentBytes += part.readableBytes
                // After a goodbye there is nothing to read.
                if !session.hasPeerEnded { try take(part, session, context) }
                if silentBytes > Self.mostSilentBytes { throw .tooMuch("sent without anything said") }
                if session.handshakeMessages > mostHandshakeMessages {
                    throw .tooMuch("asked for about the connection")
                }
            } catch {
                fail(error, session, context)
            }
        }
    }

    private func take(_ bytes: ByteBuffer, _ session: TLSSession, _ context: ChannelHandlerContext) throws(TLSFailure) {
        try session.receive(bytes)
        if !isEstablished {
            isEstablished = try session.shakeHands()
            send(session, context)
            if isEstablished { encrypt(context) }
        }
        if isEstablished, self.session != nil { try read(session, context) }
    }

    /// Ends the connection; what the library has to say about it, an alert, goes out first.
    private func fail(_ error: TLSFailure, _ session: TLSSession, _ context: ChannelHandlerContext) {
        send(session, context)
        finish(context)
        context.fireErrorCaught(error)
        context.close(promise: nil)
    }

    /// Hands on what the peer says, as far as it is there.
    private func read(_ session: TLSSession, _ context: ChannelHandlerContext) throws(TLSFailure) {
        while let part = try session.read(allocator: context.channel.allocator) {
            (silentBytes, hasRead) = (0, true)
            context.fireChannelRead(wrapInboundOut(part))
            // Whoever read it may have closed the connection.
            guard self.session != nil else { return }
        }
        // New keys are answered.
        send(session, context)
        if session.hasPeerEnded { endInput(context) }
    }

    private func endInput(_ context: ChannelHandlerContext) {
        guard !isInputClosed else { return }
        isInputClosed = true
        if isOutputClosed { return close(context: context, mode: .all, promise: nil) }
        let options = context.channel.syncOptions
        if let options, (try? options.getOption(ChannelOptions.allowRemoteHalfClosure)) == true {
            context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        } else {
            close(context: context, mode: .all, promise: nil)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        // Whoever asked for something to read still waits for it.
        if !hasRead, !isInputClosed { context.read() }
        hasRead = false
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case ChannelEvent.inputClosed = event else { return context.fireUserInboundEventTriggered(event) }
        if isEstablished { endInput(context) } else { close(context: context, mode: .all, promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(context)
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { finish(context) }

    // MARK: To the peer

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard session != nil else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        waiting.append((unwrapOutboundIn(data), promise))
    }

    func flush(context: ChannelHandlerContext) {
        waiting.mark()
        if isEstablished { encrypt(context) }
    }

    /// Sends what waits and was flushed; what was said before the handshake was complete waits for that.
    private func encrypt(_ context: ChannelHandlerContext) {
        while let session, waiting.hasMark, let (bytes, promise) = waiting.popFirst() {
            do throws(TLSFailure) {
                let output = try session.encrypted(bytes, allocator: context.channel.allocator)
                context.write(wrapOutboundOut(output), promise: promise)
            } catch {
                promise?.fail(error)
                fail(error, session, context)
            }
        }
        context.flush()
    }

    /// Sends what the library has to say itself.
    private func send(_ session: TLSSession, _ context: ChannelHandlerContext) {
        guard let output = session.takeOutput(allocator: context.channel.allocator) else { return }
        context.writeAndFlush(wrapOutboundOut(output), promise: nil)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard let session, isEstablished, mode != .input else {
            if mode == .all { finish(context) }
            return context.close(mode: mode, promise: promise)
        }
        if !isOutputClosed { session.end() }
        isOutputClosed = true
        guard mode == .all || isInputClosed else {
            send(session, context)
            return context.close(mode: mode, promise: promise)
        }
        let goodbye = session.takeOutput(allocator: context.channel.allocator) ?? ByteBuffer()
        finish(context)
        // Once it is sent, so is all that was said before.
        let sent = context.eventLoop.makePromise(of: Void.self),
            bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        let limit = context.eventLoop.scheduleTask(in: Self.goodbyeLimit) { bound.value.close(promise: nil) }
        sent.futureResult.whenComplete { _ in
            limit.cancel()
            bound.value.close(promise: promise)
        }
        context.writeAndFlush(wrapOutboundOut(goodbye), promise: sent)
    }

    /// Nothing is read or written from here on.
    private func finish(_ context: ChannelHandlerContext) {
        session = nil
        while let (_, promise) = waiting.popFirst() { promise?.fail(ChannelError.ioOnClosedChannel) }
    }
}

extension TLSFailure {
    fileprivate static func tooMuch(_ what: String) -> TLSFailure { TLSFailure(reason: "too much was \(what)") }
}

/// The connections of a server behind TLS, each with the certificate that was read last.
struct EncryptedChannel<Base: ServerChildChannel>: ServerChildChannel {
    let base: Base
    let settings: RenewableSettings

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
        channel.eventLoop.makeCompletedFuture {
            guard let identity = settings.identity else { throw ChannelError.operationUnsupported }
            try channel.pipeline.syncOperations.addHandler(TLSHandler(identity))
        }.flatMap { base.setup(channel: channel, logger: logger) }
    }

    func handle(value: Base.Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}
