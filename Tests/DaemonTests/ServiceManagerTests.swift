import Coordinator
import Foundation
import TestSupport
import Testing

@testable import Daemon

/// What is sent to whoever started the daemon: sd_notify(3).
@Suite struct ServiceManagerTests {
    @Test(arguments: [true, false]) func messagesArriveAtPathsAndAbstractNames(isAbstract: Bool) throws {
        let name = (isAbstract ? "@nasd-test-" : "/tmp/nasd-notify-") + UUID().uuidString
        let receiver = try DatagramReceiver(name)
        let manager = try #require(
            ServiceManager(environment: ["NOTIFY_SOCKET": name, "WATCHDOG_USEC": "3000000"]))
        #expect(manager.watchdogPeriod == .seconds(3))
        #expect(manager.ready("a\nREADY=0"))
        #expect(manager.status("round 2 of 3"))
        manager.alive(isReady: false)
        manager.alive(isReady: true)
        let before = ServiceManager.monotonicMicroseconds
        #expect(manager.reloading())
        let after = ServiceManager.monotonicMicroseconds
        #expect(manager.stopping())
        let end = ContinuousClock.now + .seconds(10)
        while receiver.messages.count < 6, ContinuousClock.now < end { usleep(1000) }
        let texts = receiver.messages.map(\.text)
        try #require(texts.count == 6)
        // A text of the user's makes no line of its own.
        #expect(texts[0] == "READY=1\nSTATUS=a READY=0")
        #expect(texts[1] == "STATUS=round 2 of 3")
        #expect(texts[2] == "WATCHDOG=1\nEXTEND_TIMEOUT_USEC=3000000")
        #expect(texts[3] == "WATCHDOG=1")
        let reloading = texts[4].split(separator: "\n")
        #expect(reloading.first == "RELOADING=1" && reloading.count == 2)
        let time = try #require(Int64(reloading[1].dropFirst("MONOTONIC_USEC=".count)))
        #expect(before <= time && time <= after)
        #expect(texts[5].hasPrefix("STOPPING=1\nSTATUS="))
    }

    @Test func nobodyIsToldWhereNobodyAsks() {
        let long = "/" + String(repeating: "x", count: 108)
        for name in ["", "@", "relative", "vsock:2:1", long] {
            #expect(ServiceManager(environment: ["NOTIFY_SOCKET": name]) == nil, "\(name)")
        }
        #expect(ServiceManager(environment: [:]) == nil)
        let path = "/tmp/nasd-nobody-" + UUID().uuidString
        for (watchdog, process) in [("0", nil), ("x", nil), ("-5", nil), ("5000000", "1")] as [(String, String?)] {
            var environment = ["NOTIFY_SOCKET": path, "WATCHDOG_USEC": watchdog]
            environment["WATCHDOG_PID"] = process
            #expect(ServiceManager(environment: environment)?.watchdogPeriod == nil, "\(watchdog)")
        }
        let own = ["NOTIFY_SOCKET": path, "WATCHDOG_USEC": "5000000", "WATCHDOG_PID": "\(getpid())"]
        #expect(ServiceManager(environment: own)?.watchdogPeriod == .seconds(5))
        // Nobody listens, which ends nothing and is told.
        #expect(ServiceManager(environment: own)?.status("x") == false)
    }

    @Test func aRunIsALine() {
        var progress = LiveProgress()
        #expect(StatusLine.figures(progress) == "")
        progress.steps = 3000
        progress.step = 1200
        #expect(StatusLine.figures(progress) == "step 1200 of 3000")
        progress.rounds = 3
        progress.round = 1
        progress.best = 0.98149
        #expect(StatusLine.figures(progress) == "step 1200 of 3000, round 2 of 3, best 0.981")
        progress.steps = 0
        #expect(StatusLine.figures(progress) == "round 2 of 3, best 0.981")
    }
}
