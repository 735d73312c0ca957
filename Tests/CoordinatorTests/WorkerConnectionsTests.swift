import Foundation
import Runs
import Testing

@testable import Coordinator

/// Slots whose workers connect: who gets one, and who has it.
struct WorkerConnectionsTests {
    private static func connections() throws -> WorkerConnections {
        WorkerConnections(
            try WorkerCommand.all(
                ofConfiguration: "commands: {gpu: {connect: true, slots: 2}, own: {argv: [sh], slots: 9}}", file: "c"))
    }

    @Test func aSlotHasOneWorker() throws {
        let connections = try Self.connections()
        #expect(connections.most == 2)
        let first = try connections.claim("gpu", slot: 1)
        #expect(throws: WorkerRefusal.taken(1)) { try connections.claim("gpu", slot: 1) }
        let second = try connections.claim("gpu", slot: nil)
        #expect(first.slot == 1 && second.slot == 0)
        #expect(throws: WorkerRefusal.full(2)) { try connections.claim("gpu", slot: nil) }
        #expect(throws: WorkerRefusal.noSlot(2, of: 2)) { try connections.claim("gpu", slot: 2) }
        #expect(throws: WorkerRefusal.noSlot(-1, of: 2)) { try connections.claim("gpu", slot: -1) }
        #expect(throws: WorkerRefusal.noCommand("own")) { try connections.claim("own", slot: nil) }
        connections.release(first)
        let again = try connections.claim("gpu", slot: 1)
        // The end of a connection that was there before takes nothing from the one after it.
        connections.release(first)
        #expect(throws: WorkerRefusal.taken(1)) { try connections.claim("gpu", slot: 1) }
        connections.release(again)
    }

    /// A run has what is offered, alone, until the connection ends.
    @Test func aRunHasAWorkerAlone() throws {
        let connections = try Self.connections()
        func opening(_ slot: Int) -> String {
            switch connections.open("gpu", slot: slot) {
            case .link(let link):
                link.end()
                return "link"
            case .busy: return "busy"
            case .absent: return "absent"
            }
        }
        #expect(opening(0) == "absent")
        let claim = try connections.claim("gpu", slot: 0)
        #expect(opening(0) == "absent")
        var ends: [Int32] = [-1, -1]
        #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        defer { close(ends[0]) }
        connections.offer(claim, ends[1])
        #expect(opening(0) == "link" && opening(0) == "busy" && opening(1) == "absent")
        connections.release(claim)
        #expect(opening(0) == "absent")
        // What is offered after its end is closed.
        let late = dup(ends[0])
        connections.offer(claim, late)
        #expect(fcntl(late, F_GETFD) == -1)
    }

    @Test(arguments: [
        ("{\"type\":\"connect\",\"protocol\":\"nasd-worker/1\",\"command\":\"gpu\"}", "gpu nil nil"),
        ("{\"type\":\"connect\",\"protocol\":\"nasd-worker/1\",\"command\":\"g\",\"slot\":3,\"token\":\"t\"}", "g 3 t"),
        ("{\"type\":\"hello\",\"protocol\":\"nasd-worker/1\"}", "expected a line of the type connect first"),
        ("GET / HTTP/1.1\r", "expected a line of the type connect first"),
        (
            "{\"type\":\"connect\",\"protocol\":\"nasd-worker/2\",\"command\":\"g\"}",
            "expected the protocol nasd-worker/1"
        ),
        ("{\"type\":\"connect\",\"protocol\":\"nasd-worker/1\"}", "expected command, the name of one"),
        (
            "{\"type\":\"connect\",\"protocol\":\"nasd-worker/1\",\"command\":\"g\",\"slot\":1.5}",
            "expected slot, a whole number"
        ),
        (
            "{\"type\":\"connect\",\"protocol\":\"nasd-worker/1\",\"command\":\"g\",\"slot\":\"1\"}",
            "expected slot, a whole number"
        ),
    ]) func firstLines(line: String, meaning: String) {
        do throws(WorkerRefusal) {
            let read = try WorkerClaimLine(Array(line.utf8))
            #expect("\(read.command) \(read.slot.map(String.init) ?? "nil") \(read.token ?? "nil")" == meaning)
        } catch {
            #expect(error.description == meaning)
        }
    }
}
