import NIOCore
import NIOEmbedded
import Testing

@testable import Daemon

/// Who reaches the daemon, by which name.
@Suite struct PeerRuleTests {
    @Test(
        arguments: [
            ("localhost", "localhost"), ("LOCALHOST:80", "localhost"), ("127.0.0.1:8642", "127.0.0.1"),
            ("[::1]:1", "::1"),
            ("[::1]", "::1"), ("nas.example", "nas.example"), ("a-b_c.example:65535", "a-b_c.example"),
        ] as [(String, String)]) func hosts(_ authority: String, _ host: String)
    {
        #expect(PeerRule.host(ofAuthority: authority) == host)
    }

    @Test(arguments: [
        "", ":80", "a:", "a:b", "a:123456", "a b", "user@a", "a/", "[::1", "::1]", "[]", "[x]", "[::1]x", "a,b", "ä",
        "a\0",
        "http://a", "%61",
    ]) func whatIsNoHost(_ authority: String) { #expect(PeerRule.host(ofAuthority: authority) == nil) }

    /// Whoever comes next takes the place of whoever has asked for nothing the longest.
    @Test func idleConnectionsGiveWay() throws {
        let registry = ConnectionRegistry(most: 3)
        let channels = try (0..<5).map { _ in
            let channel = EmbeddedChannel()
            try channel.connect(to: .init(unixDomainSocketPath: "/x")).wait()
            return channel
        }
        for channel in channels[..<3] { registry.add(channel) }
        registry.note(channels[0], isWaiting: true)
        registry.add(channels[3])
        #expect(channels.map(\.isActive) == [true, false, true, true, true])
        // What was answered is idle from then on: younger than one that never asked.
        registry.note(channels[0], isWaiting: false)
        registry.add(channels[4])
        #expect(channels.map(\.isActive) == [true, false, false, true, true] && registry.count == 3)
        for channel in [channels[0], channels[3], channels[4]] { registry.note(channel, isWaiting: true) }
        let late = EmbeddedChannel()
        try late.connect(to: .init(unixDomainSocketPath: "/x")).wait()
        registry.add(late)
        #expect(!late.isActive && registry.count == 3)
        registry.remove(channels[0])
        #expect(registry.count == 2)
    }
}
