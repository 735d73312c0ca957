import HTTPClient
import Store
import Testing

@testable import Daemon

@Suite struct RetryScheduleTests {
    private let now = Timestamp(milliseconds: 1_000_000)

    private func wait(_ attempts: Int, message: String = "m", retryAfter: Int64? = nil) -> Int64? {
        RetrySchedule.next(message: message, attempts: attempts, now: now, retryAfterSeconds: retryAfter).map {
            $0.milliseconds - now.milliseconds
        }
    }

    @Test func intervalsGrowToADayAndEnd() throws {
        let hour: Int64 = 3_600_000
        let expected = [5_000, 300_000, hour / 2, 2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour, 24 * hour]
        for (index, interval) in expected.enumerated() {
            for message in ["msg_a", "msg_b", "msg_c"] {
                let waited = try #require(wait(index + 1, message: message))
                #expect(waited >= interval && waited <= interval + interval / 5)
            }
        }
        #expect(wait(10) == nil && wait(11) == nil)
        #expect(expected.reduce(0, +) > 3 * 24 * hour, "three days of outage are survived")
    }

    @Test func jitterIsAFunctionOfMessageAndAttempt() {
        #expect(wait(4, message: "a") == wait(4, message: "a"))
        #expect(Set((0..<50).map { wait(4, message: "m\($0)") }).count > 40)
    }

    @Test func aReceiverMayAskForMoreTimeUpToADay() {
        #expect(wait(1, retryAfter: 60) == 60_000)
        #expect(wait(1, retryAfter: 0) == wait(1))
        #expect(wait(1, retryAfter: .max) == 86_400_000)
        #expect(wait(10, retryAfter: 60) == nil)
    }

    @Test func holdsEndWithTheWaitOrAfterHalfAnHour() {
        func hold(_ attempts: Int, _ retryAfter: Int64?) -> Int64 {
            RetrySchedule.hold(message: "m", attempts: attempts, now: now, retryAfterSeconds: retryAfter).milliseconds
                - now.milliseconds
        }
        #expect(hold(1, nil) == wait(1) && hold(8, nil) == 1_800_000 && hold(10, nil) == 1_800_000)
        #expect(hold(1, 7_200) == 7_200_000 && hold(10, 5) == 5_000)
    }

    @Test(
        arguments: [
            ("120", 120), ("0", 0), ("99999999999999999999", .max), ("Sun, 06 Nov 1994 08:49:37 GMT", 10),
            ("Sunday, 06-Nov-94 08:49:37 GMT", 10), ("Sun Nov  6 08:49:37 1994", 10),
            ("Sun, 06 Nov 1994 08:00:00 GMT", 0),
            ("-5", nil), ("soon", nil), ("", nil), ("1.5", nil),
        ] as [(String, Int64?)])
    func retryAfterIsANumberOrADate(text: String, expected: Int64?) {
        let head = HTTPHead(status: 503, fields: [("retry-after", text)])
        #expect(head.retryAfterSeconds(now: 784_111_767) == expected)
        #expect(HTTPHead(status: 503, fields: []).retryAfterSeconds(now: 0) == nil)
    }

    @Test func anAnswerIsSuccessOrNot() {
        func outcome(_ status: Int, _ retryAfter: Int64? = nil) -> DeliveryOutcome {
            .answered(status: status, retryAfterSeconds: retryAfter)
        }
        #expect([200, 202, 204, 299].allSatisfy { outcome($0).isDelivered })
        #expect(![199, 301, 304, 400, 404, 410, 429, 500].contains { outcome($0).isDelivered })
        #expect([429, 502, 504].allSatisfy { outcome($0).holds } && !outcome(500).holds && outcome(503, 5).holds)
        #expect(outcome(410).disables && !outcome(404).disables)
        #expect(!outcome(200, 60).holds && outcome(200, 60).retryAfterSeconds == nil)
        #expect(outcome(301).text.hasPrefix("301") && outcome(204).text == "204")
    }
}
