internal import Coordinator
internal import Foundation
internal import HTTPTypes
internal import Logging
internal import NIOCore
internal import NIOPosix

/// Reads the one line by which a worker claims a slot, within ten seconds, and then joins its connection to a socket that a run can take.
final class ClaimHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Seconds for the claim, the handshake of TLS included.
    static let patienceSeconds: Int64 = 10

    private let core: DaemonCore
    private let registry: ConnectionRegistry
    private let limiter: FailureLimiter
    private var received: [UInt8] = []
    private var isDone = false
    private var patience: Scheduled<Void>?

    init(core: DaemonCore, registry: ConnectionRegistry, limiter: FailureLimiter) {
        self.core = core
        self.registry = registry
        self.limiter = limiter
    }

    func handlerAdded(context: ChannelHandlerContext) {
        registry.add(context.channel)
        let (channel, registry) = (context.channel, registry)
        channel.closeFuture.whenComplete { _ in registry.remove(channel) }
        patience = context.eventLoop.scheduleTask(in: .seconds(Self.patienceSeconds)) { channel.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { patience?.cancel() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data).readableBytesView
        // Nothing is to be said between the claim and the hello of a run.
        guard !isDone else { return context.close(promise: nil) }
        received.append(contentsOf: bytes)
        guard let end = received.firstIndex(of: UInt8(ascii: "\n")) else {
            if received.count > WorkerClaimLine.mostBytes {
                refuse(context, .noClaim("expected a line of at most \(WorkerClaimLine.mostBytes) bytes first"))
            }
            return
        }
        guard end == received.count - 1, end <= WorkerClaimLine.mostBytes else {
            return refuse(context, .noClaim("expected one line and then silence until a run says hello"))
        }
        do throws(WorkerRefusal) {
            let line = try WorkerClaimLine(Array(received[..<end]))
            if let token = core.renewable.workerToken, !(line.token.map(token.matches) ?? false) { throw .token }
            let claim = try core.connections.claim(line.command, slot: line.slot)
            let connections = core.connections
            context.channel.closeFuture.whenComplete { _ in connections.release(claim) }
            grant(context, claim)
        } catch {
            refuse(context, error)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func refuse(_ context: ChannelHandlerContext, _ refusal: WorkerRefusal) {
        isDone = true
        let peer = context.remoteAddress?.ipAddress ?? ""
        if limiter.secondsToWait(peer) == nil {
            limiter.fail(peer)
            core.log.notice("worker refused", metadata: ["peer": "\(peer)", "reason": "\(refusal)"])
        }
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.whenComplete { _ in bound.value.close(promise: nil) }
        context.writeAndFlush(
            wrapOutboundOut(context.channel.allocator.buffer(string: WorkerClaimLine.refused(refusal) + "\n")),
            promise: written)
    }

    private func grant(_ context: ChannelHandlerContext, _ claim: WorkerConnections.Claim) {
        isDone = true
        patience?.cancel()
        registry.note(context.channel, isWaiting: true)
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Self.quiet, 0, &ends) == 0 else {
            return context.close(promise: nil)
        }
        let (near, far) = Relay.pair()
        let (mine, theirs, loop) = (ends[0], ends[1], context.eventLoop)
        let bound = NIOLoopBound((self, context, near, far), eventLoop: loop)
        let (core, peer) = (core, context.remoteAddress?.ipAddress ?? "")
        ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(bound.value.3) }
            }
            .withConnectedSocket(mine)
            .whenComplete { result in
                let (handler, context, near, _) = bound.value
                let pipeline = context.pipeline.syncOperations
                guard case .success = result, context.channel.isActive,
                    (try? pipeline.addHandler(near, position: .after(handler))) != nil
                else {
                    close(theirs)
                    return context.close(promise: nil)
                }
                let line = context.channel.allocator.buffer(string: WorkerClaimLine.granted(claim) + "\n")
                context.writeAndFlush(handler.wrapOutboundOut(line), promise: nil)
                pipeline.removeHandler(context: context, promise: nil)
                core.log.info(
                    "worker connected",
                    metadata: [
                        "command": "\(claim.command)", "slot": .stringConvertible(claim.slot), "peer": "\(peer)",
                    ])
                core.connections.offer(claim, theirs)
            }
    }

    private static let quiet = Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
}
