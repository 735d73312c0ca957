internal import NIOCore

/// One of two ends that pass on to each other what they read, no faster than the other is written.
///
/// The near end is the worker's connection, the far end the socket that a run has. Either's end is both's, once what was on its way to
/// the other is written or a moment has passed.
final class Relay: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Seconds that the last words have.
    private static let graceSeconds: Int64 = 2

    private var partner: Relay?
    private var context: ChannelHandlerContext?
    /// Whether the other end may be read as soon as this one is written.
    private var owesRead = false
    /// Whether this end speaks only once it was spoken to.
    private let waitsToBeAsked: Bool
    private var wasAsked = false

    private init(waitsToBeAsked: Bool) { self.waitsToBeAsked = waitsToBeAsked }

    /// The two ends, for channels of one event loop.
    static func pair() -> (near: Relay, far: Relay) {
        let near = Relay(waitsToBeAsked: true), far = Relay(waitsToBeAsked: false)
        (near.partner, far.partner) = (far, near)
        return (near, far)
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        partner = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !waitsToBeAsked || wasAsked else { return context.close(promise: nil) }
        partner?.pass(unwrapInboundIn(data))
    }

    func channelReadComplete(context: ChannelHandlerContext) { partner?.context?.flush() }

    func channelInactive(context: ChannelHandlerContext) {
        partner?.finish()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func read(context: ChannelHandlerContext) {
        if partner?.context?.channel.isWritable ?? true {
            context.read()
        } else {
            owesRead = true
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { partner?.readAgain() }
        context.fireChannelWritabilityChanged()
    }

    private func readAgain() {
        guard owesRead else { return }
        owesRead = false
        context?.read()
    }

    private func pass(_ bytes: ByteBuffer) {
        wasAsked = true
        context?.write(wrapOutboundOut(bytes), promise: nil)
    }

    /// Closes this end after what is on its way.
    private func finish() {
        guard let context else { return }
        let channel = context.channel
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.whenComplete { _ in channel.close(promise: nil) }
        let patience = context.eventLoop.scheduleTask(in: .seconds(Self.graceSeconds)) { channel.close(promise: nil) }
        channel.closeFuture.whenComplete { _ in patience.cancel() }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
    }
}
