internal import Foundation
public import Runs
internal import Synchronization

/// The slots of a daemon's commands whose workers connect: which of them have a worker, and which run has it.
///
/// A listener claims a slot for each worker and offers its connection; a run takes what is offered and gives it back by closing it.
public final class WorkerConnections: Sendable {
    /// A worker's hold on a slot, until its connection ends.
    public struct Claim: Sendable, Hashable {
        /// The command.
        public let command: String
        /// The slot, counted from 0.
        public let slot: Int
        fileprivate let number: Int

        fileprivate var place: Place { Place(command: command, slot: slot) }
    }

    fileprivate struct Place: Hashable {
        let command: String
        let slot: Int
    }

    private struct Hold {
        let number: Int
        /// What a run may take; nil before it is offered, and once a run has it.
        var descriptor: Int32?
        var isTaken = false
    }

    private struct State {
        var count = 0
        var holds: [Place: Hold] = [:]
    }

    private let slots: [String: Int]
    private let state = Mutex(State())

    /// Those of the commands whose workers connect.
    public init(_ commands: [WorkerCommand]) {
        slots = Dictionary(
            commands.filter(\.connects).map { ($0.name, $0.slots) }, uniquingKeysWith: { first, _ in first })
    }

    deinit {
        state.withLock { state in
            for descriptor in state.holds.values.compactMap(\.descriptor) { close(descriptor) }
        }
    }

    /// Workers that may be connected at a time.
    public var most: Int { slots.values.reduce(0, +) }

    /// Gives a worker a slot: the one that it asks for, or the first that is free.
    ///
    /// - Throws: `WorkerRefusal` where there is none.
    public func claim(_ command: String, slot: Int?) throws(WorkerRefusal) -> Claim {
        guard let count = slots[command] else { throw .noCommand(command) }
        if let slot, !(0..<count).contains(slot) { throw .noSlot(slot, of: count) }
        let claim: Claim? = state.withLock { state in
            let free = (slot.map { [$0] } ?? Array(0..<count)).first {
                state.holds[Place(command: command, slot: $0)] == nil
            }
            guard let free else { return nil }
            state.count += 1
            let claim = Claim(command: command, slot: free, number: state.count)
            state.holds[claim.place] = Hold(number: state.count)
            return claim
        }
        guard let claim else { throw slot.map { .taken($0) } ?? .full(count) }
        return claim
    }

    /// Offers the connection of a worker to runs; one whose claim is over is closed.
    ///
    /// - Parameter descriptor: A socket that does not wait, which is handed over.
    public func offer(_ claim: Claim, _ descriptor: Int32) {
        let isOver = state.withLock { state in
            guard state.holds[claim.place]?.number == claim.number else { return true }
            state.holds[claim.place]?.descriptor = descriptor
            return false
        }
        if isOver { close(descriptor) }
    }

    /// Frees a slot whose connection has ended.
    public func release(_ claim: Claim) {
        let descriptor: Int32? = state.withLock { state in
            guard state.holds[claim.place]?.number == claim.number else { return nil }
            return state.holds.removeValue(forKey: claim.place)?.descriptor
        }
        if let descriptor { close(descriptor) }
    }

    /// The worker of a slot, for a run.
    func open(_ command: String, slot: Int) -> WorkerOpening {
        let place = Place(command: command, slot: slot)
        let (descriptor, isTaken): (Int32?, Bool) = state.withLock { state in
            guard let hold = state.holds[place] else { return (nil, false) }
            if hold.descriptor != nil {
                state.holds[place]?.descriptor = nil
                state.holds[place]?.isTaken = true
            }
            return (hold.descriptor, hold.isTaken)
        }
        if let descriptor { return .link(WorkerConnection(descriptor)) }
        return isTaken ? .busy : .absent
    }
}

/// Why a worker that connects gets no slot.
public enum WorkerRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// Its first line claims nothing.
    case noClaim(String)
    /// Its token is not the daemon's, or none.
    case token
    /// The daemon has no such command whose workers connect.
    case noCommand(String)
    /// The command has no slot of that number.
    case noSlot(Int, of: Int)
    /// Another worker has the slot.
    case taken(Int)
    /// Other workers have all slots.
    case full(Int)

    /// In a sentence, as the worker is told.
    public var description: String {
        switch self {
        case .noClaim(let reason): reason
        case .token: "expected the token of workerTokenFile"
        case .noCommand(let name):
            "the daemon has no command '\(WorkerMessage.told(name))' whose workers connect (connect: true)"
        case .noSlot(let slot, let count): "the command has the slots 0 to \(count - 1), found \(slot)"
        case .taken(let slot): "another worker has the slot \(slot)"
        case .full(let count): "other workers have all \(count) slots"
        }
    }
}

/// The first line of a worker that connects: what it claims.
public struct WorkerClaimLine: Sendable, Hashable {
    /// The longest such line, in bytes.
    public static let mostBytes = 8192

    /// The command that it works for.
    public let command: String
    /// The slot that it wants; nil for any.
    public let slot: Int?
    /// The token that it shows; nil for none.
    public let token: String?

    /// Reads `{"type":"connect","protocol":"nasd-worker/1","command":NAME,"slot":N,"token":TEXT}`.
    public init(_ line: [UInt8]) throws(WorkerRefusal) {
        guard let message = WorkerJSON(line), message["type"]?.text == "connect" else {
            throw .noClaim("expected a line of the type connect first")
        }
        guard message["protocol"]?.text == WorkerMessage.protocolName else {
            throw .noClaim("expected the protocol \(WorkerMessage.protocolName)")
        }
        guard let command = message["command"]?.text else { throw .noClaim("expected command, the name of one") }
        switch message["slot"] {
        case nil, .null?: slot = nil
        case .number(let number)?:
            guard let whole = Int(exactly: number) else { throw .noClaim("expected slot, a whole number") }
            slot = whole
        default: throw .noClaim("expected slot, a whole number")
        }
        self.command = command
        token = message["token"]?.text
    }

    /// What a worker is told that has its slot.
    public static func granted(_ claim: WorkerConnections.Claim) -> String {
        WorkerMessage.connected(command: claim.command, slot: claim.slot)
    }

    /// What a worker is told that gets none.
    public static func refused(_ refusal: WorkerRefusal) -> String { WorkerMessage.refused(refusal.description) }
}
