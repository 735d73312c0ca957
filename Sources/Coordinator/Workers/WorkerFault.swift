internal import Foundation

/// What ends a worker's process before its time. What was asked of it is asked again, of it or of another slot.
enum WorkerFault: Error, Hashable, CustomStringConvertible {
    /// It cannot be started.
    case start(what: String, code: Int32)
    /// It ended by itself.
    case exit(code: Int)
    /// It ended by a signal that nobody here sent.
    case signal(Int)
    /// Whoever held it is gone.
    case supervisorLost
    /// Its connection has ended.
    case disconnected
    /// Nobody has connected.
    case absent
    /// It said no hello in time.
    case silentStart
    /// Its hello is none, or it cannot do what the run asks.
    case hello(String)
    /// It cannot load the weights that it is to measure with.
    case noLoad(String)
    /// It has not answered a request within its deadline.
    case deadline
    /// It has said nothing for three of the beats that it promised.
    case silence
    /// A line is no message.
    case garbage(String)
    /// A line is longer than any may be.
    case longLine
    /// It sends lines and answers nothing.
    case flood
    /// It answers what nobody asked, again and again.
    case unasked

    /// Whether another try can come to nothing else.
    var isPermanent: Bool {
        switch self {
        case .start, .hello, .noLoad: true
        default: false
        }
    }

    /// Whether the program ended by itself with a code, which of one that has said no hello is an end of its start: its files, its
    /// arguments or what it imports. From 128 on a shell tells a signal, and ssh that it got no connection.
    var isEndOfStart: Bool {
        guard case .exit(let code) = self else { return false }
        return code < 128
    }

    /// In a few words: the reason of a candidate's failure, and of an event.
    var description: String {
        switch self {
        case .start(let what, let code): "\(what): \(SystemFault.text(code))"
        case .exit(let code): "worker ended with \(code)"
        case .signal(let number): "worker ended by signal \(number)"
        case .supervisorLost: "worker was lost"
        case .disconnected: "worker has disconnected"
        case .absent: "no worker is connected"
        case .silentStart: "no hello in \(WorkerSlot.helloSeconds) seconds"
        case .hello(let reason): "hello: \(reason)"
        case .noLoad(let reason): "load: \(reason)"
        case .deadline: "deadline"
        case .silence: "no sign of life"
        case .garbage(let what): "not a message: \(what)"
        case .longLine: "line too long"
        case .flood: "flood of lines"
        case .unasked: "answers that nobody asked for"
        }
    }
}

/// What the system says of an error.
enum SystemFault {
    static func text(_ code: Int32) -> String { String(cString: strerror(code)) }
}
