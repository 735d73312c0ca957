import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOExtras
import NIOHTTPTypes
import Testing

@testable import Daemon

/// Under a clock of its own: what a peer can make of a connection is bounded in time.
@Suite struct ConnectionGuardTests {
    private let head = HTTPRequest(method: .get, scheme: nil, authority: "x", path: "/")

    private func channel() throws -> (EmbeddedChannel, EmbeddedEventLoop) {
        let loop = EmbeddedEventLoop()
        let channel = EmbeddedChannel(
            handler: ConnectionGuard(limit: .seconds(30), grace: .seconds(3)), loop: loop)
        try channel.connect(to: .init(unixDomainSocketPath: "/x")).wait()
        return (channel, loop)
    }

    @Test func aHeadMustCome() throws {
        let (channel, loop) = try channel()
        loop.advanceTime(by: .seconds(29))
        #expect(channel.isActive)
        loop.advanceTime(by: .seconds(1))
        #expect(!channel.isActive)
    }

    @Test func aDrippedBodyIsBoundedAsAWhole() throws {
        let (channel, loop) = try channel()
        loop.advanceTime(by: .seconds(20))
        try channel.writeInbound(HTTPRequestPart.head(head))
        for _ in 0..<29 {
            loop.advanceTime(by: .seconds(1))
            try channel.writeInbound(HTTPRequestPart.body(ByteBuffer(string: "x")))
        }
        #expect(channel.isActive)
        loop.advanceTime(by: .seconds(1))
        #expect(!channel.isActive)
    }

    /// A long answer, such as an event stream, may take as long as it wants while the peer reads.
    @Test func aReadAnswerHasNoEnd() throws {
        let (channel, loop) = try channel()
        try channel.writeInbound(HTTPRequestPart.head(head))
        try channel.writeInbound(HTTPRequestPart.end(nil))
        try channel.writeOutbound(HTTPResponsePart.head(HTTPResponse(status: .ok)))
        for _ in 0..<100 {
            loop.advanceTime(by: .seconds(15))
            try channel.writeOutbound(HTTPResponsePart.body(ByteBuffer(string: ": still here\n\n")))
        }
        #expect(channel.isActive)
        // After its end, the next head must come as the first had to.
        try channel.writeOutbound(HTTPResponsePart.end(nil))
        loop.advanceTime(by: .seconds(29))
        #expect(channel.isActive)
        loop.advanceTime(by: .seconds(1))
        #expect(!channel.isActive)
    }

    @Test func anUnreadAnswerIsEnded() throws {
        let (channel, loop) = try channel()
        try channel.writeInbound(HTTPRequestPart.head(head))
        try channel.writeInbound(HTTPRequestPart.end(nil))
        // Written and never flushed: as a peer whose window is full.
        channel.write(HTTPResponsePart.head(HTTPResponse(status: .ok)), promise: nil)
        loop.advanceTime(by: .seconds(29))
        #expect(channel.isActive)
        loop.advanceTime(by: .seconds(1))
        #expect(!channel.isActive)
    }

    @Test func aStoppingServerWaitsThreeSeconds() throws {
        let (channel, loop) = try channel()
        try channel.writeInbound(HTTPRequestPart.head(head))
        try channel.writeInbound(HTTPRequestPart.end(nil))
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        loop.advanceTime(by: .seconds(2))
        #expect(channel.isActive)
        loop.advanceTime(by: .seconds(1))
        #expect(!channel.isActive)
    }
}
