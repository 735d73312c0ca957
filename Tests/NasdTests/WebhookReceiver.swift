import Foundation
import Store
import Synchronization
import TestSupport
import Testing

/// A receiver of webhooks that takes its time, and now and then answers 500 or hangs up.
final class WebhookReceiver: Sendable {
    static let secretName = "key"
    private static let key = Data((0..<32).map { UInt8($0 * 7) })

    /// An attempt, and whether it was answered with success.
    private struct Attempt {
        let request: LoopbackRequest
        let isTaken: Bool

        var id: String { request["webhook-id"].joined() }
    }

    private final class Ledger: Sendable {
        let attempts = Mutex<[Attempt]>([])
    }

    private let server: LoopbackServer
    private let ledger: Ledger

    init() throws {
        let ledger = Ledger()
        self.ledger = ledger
        server = try LoopbackServer { connection, request in
            let number = ledger.attempts.withLock { attempts in
                let number = attempts.count + 1
                attempts.append(Attempt(request: request, isTaken: number % 13 != 5 && number % 17 != 8))
                return number
            }
            // Long enough that kills come while messages are on their way.
            usleep(UInt32(number * 7919 % 25) * 1000)
            if number % 17 == 8 {
                connection.close()
            } else {
                connection.answer(number % 13 == 5 ? 500 : 200)
            }
        }
    }

    /// The address without a path.
    var url: String { server.url }

    func stop() { server.stop() }

    /// Writes the file of the secret.
    func writeSecret(to folder: String) throws {
        let file = "\(folder)/\(Self.secretName)"
        try Files.write(Array("whsec_\(Self.key.base64EncodedString())\n".utf8), file)
        chmod(file, 0o600)
    }

    /// Expects that every event came to an address: at least once with success, in order, always as the same bytes and
    /// under the same id, signed.
    func expect(_ events: [Event], at target: String, of run: String?) throws {
        let attempts = try ledger.attempts.withLock { $0 }.filter {
            try $0.request.target == target && SentEvent($0.request).data.run == run
        }
        let numbers = try attempts.map { try SentEvent($0.request).data.seq }
        let order = zip(numbers, numbers.dropFirst()).allSatisfy { $0 <= $1 }
        #expect(order, "\(target) \(run ?? "daemon"): out of order: \(numbers)")
        let bySequence = Dictionary(grouping: zip(numbers, attempts)) { $0.0 }.mapValues { $0.map(\.1) }
        #expect(Set(bySequence.keys) == Set(events.map(\.sequence)))
        for event in events {
            let own = bySequence[event.sequence] ?? []
            let place: Comment = "\(target) \(run ?? "daemon") \(event.sequence) \(event.content.type)"
            #expect(own.contains { $0.isTaken }, place)
            #expect(Set(own.map(\.id)).count == 1, place)
            #expect(own.allSatisfy { $0.request.body == Array(event.json.utf8) }, place)
            #expect(own.allSatisfy { $0.request.isSigned(with: Self.key) }, place)
        }
    }

    /// Expects one id a message, and counts.
    func expectIdentities(messages: Int) -> [String: Int] {
        let attempts = ledger.attempts.withLock { $0 }
        #expect(Set(attempts.map(\.id)).count == messages)
        let taken = attempts.filter(\.isTaken)
        return [
            "webhook messages": messages, "webhook attempts": attempts.count,
            "webhook attempts that were refused": attempts.count - taken.count,
            "webhook messages that came again after a kill": taken.count - Set(taken.map(\.id)).count,
        ]
    }
}
