import Foundation
import Synchronization
import Testing

@testable import Coordinator

/// Slots show that they live, and one that does not is not covered up by the others.
@Suite struct PulseTests {
    private final class Count: Sendable {
        private let value = Atomic<Int>(0)
        func add() { value.add(1, ordering: .relaxed) }
        var now: Int { value.load(ordering: .relaxed) }
    }

    @Test func aStalledSlotSilencesAll() {
        let count = Count(), start = ContinuousClock.now
        let pulse = Pulse(period: .seconds(8)) { count.add() }
        func after(_ seconds: Double) -> ContinuousClock.Instant { start + .milliseconds(Int(1000 * seconds)) }
        pulse.enter(1, at: start)
        pulse.enter(2, at: start)
        pulse.beat(1, at: start)
        #expect(count.now == 1)
        // No more often than four times a period.
        for tenth in 1...19 { pulse.beat(1, at: after(Double(tenth) / 10)) }
        #expect(count.now == 1)
        pulse.beat(1, at: after(2))
        #expect(count.now == 2)
        // Slot 2 has not beaten for half a period: from here on nothing is told.
        for second in 4...100 { pulse.beat(1, at: after(Double(second))) }
        #expect(count.now == 2)
        pulse.beat(2, at: after(100))
        #expect(count.now == 3)
        // One that has left is neither waited for nor heard.
        pulse.leave(2)
        pulse.beat(1, at: after(110))
        #expect(count.now == 4)
        pulse.leave(1)
        for slot in 1...2 { pulse.beat(slot, at: after(120)) }
        #expect(count.now == 4)
    }

    @Test func aLookAtTheControlIsABeat() {
        let count = Count()
        let control = RunControl { count.add() }
        #expect(!control.isAsked && count.now == 1)
        control.ask(.stop)
        #expect(control.isAsked && count.now == 2)
    }
}
