import API
import Foundation
import Store
import TestSupport
import Testing

/// `nasd serve` under a service manager: a real receiver of datagrams hears what systemd would.
@Suite struct ServiceManagerTests {
    /// A daemon that tells a receiver how it is.
    private struct Managed {
        let receiver: DatagramReceiver
        let daemon: ServedDaemon

        init(_ settings: [String] = []) throws {
            let name = "@nasd-serve-\(UUID().uuidString)"
            receiver = try DatagramReceiver(name)
            daemon = try ServedDaemon(
                settings + ["workers=1"], environment: ["NOTIFY_SOCKET": name, "WATCHDOG_USEC": "2000000"])
        }

        func hears(_ seconds: Int = 60, _ condition: ([String]) -> Bool) -> Bool {
            daemon.waitUntil(seconds: seconds) { condition(receiver.messages.map(\.text)) }
        }
    }

    @Test func theManagerHearsTheDaemonsLife() throws {
        let managed = try Managed(), daemon = managed.daemon
        #expect(managed.hears { $0.contains { $0.hasPrefix("READY=1\n") } })
        // A slot that waits shows that it lives, too.
        #expect(managed.hears { $0.count { $0 == "WATCHDOG=1" } >= 3 })
        #expect(managed.hears { $0.contains("STATUS=no run computes") })
        let text = ServedDaemon.tiny(steps: 1_000_000).replacing("every: 20", with: "every: 200000")
        let id = try daemon.submit(text)
        _ = try daemon.submit(ServedDaemon.tiny(name: "waiting"))
        #expect(
            managed.hears {
                $0.contains { $0.contains(#/^STATUS=tiny: step \d+ of 1000000; 1 queued$/#) }
            })
        daemon.program.send(SIGHUP)
        #expect(
            managed.hears {
                guard let place = $0.firstIndex(where: { $0.contains(#/^RELOADING=1\nMONOTONIC_USEC=\d+$/#) }) else {
                    return false
                }
                return $0[place...].contains { $0.hasPrefix("READY=1") }
            })

        // Killed and started again: ready is told once the run goes on.
        daemon.program.send(SIGKILL)
        _ = daemon.program.wait()
        let before = managed.receiver.messages.count
        try daemon.restart()
        #expect(managed.hears { $0[before...].contains { $0.hasPrefix("READY=1\n") } })
        let ready = try #require(managed.receiver.messages[before...].first { $0.text.hasPrefix("READY=1\n") })
        let store = try RunReader(DataDirectory(reading: daemon.data))
        let recovered = try store.events(#require(RunID(id)), limit: 1000).first { $0.content.type == .runRecovered }
        // Times of events are rounded to milliseconds.
        #expect(try #require(recovered).time.date <= ready.time.addingTimeInterval(0.001))
        daemon.program.send(SIGTERM)
        let end = daemon.program.wait(timeout: .seconds(40))
        #expect(end.code == 0, "\(end.error)")
        let last = managed.receiver.messages[before...].map(\.text)
        let place = try #require(last.firstIndex { $0.hasPrefix("STOPPING=1\n") })
        #expect(!last[place...].contains { $0.hasPrefix("READY=1") })
    }

    @Test func theLineOfARunHasRoundAndBest() throws {
        let managed = try Managed()
        let text = ServedDaemon.tiny(steps: 100_000).replacing(
            "during: {every: 20, evaluations: 4}", with: "during: {every: 500, evaluations: 4}")
        _ = try managed.daemon.submit(text.replacing("checkpointEvery: 20", with: "checkpointEvery: 500"))
        #expect(
            managed.hears {
                $0.contains {
                    $0.contains(#/^STATUS=tiny: step \d+ of 100000, round \d+ of 200, best 0\.\d+$/#)
                }
            })
    }
}
