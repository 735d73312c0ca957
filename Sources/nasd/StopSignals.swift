internal import Coordinator
internal import Foundation
internal import Synchronization

/// SIGINT and SIGTERM as a request to stop; a second one ends the program at once.
enum StopSignals {
    /// What the run looks at.
    static let control = RunControl()
    private static let received = Atomic<Int32>(0)

    /// Whether the signal was SIGTERM.
    static var isTermination: Bool { received.load(ordering: .relaxed) == SIGTERM }

    /// Takes the signals over.
    static func install() {
        // Touched here, so that the handlers find them made: atomics are all that a handler may use.
        _ = control.isAsked
        received.store(0, ordering: .relaxed)
        // Whoever starts this program may have blocked them, and a child inherits that.
        var stops = sigset_t()
        sigemptyset(&stops)
        sigaddset(&stops, SIGINT)
        sigaddset(&stops, SIGTERM)
        pthread_sigmask(SIG_UNBLOCK, &stops, nil)
        for code in [SIGINT, SIGTERM] {
            signal(code) { code in
                StopSignals.received.store(code, ordering: .relaxed)
                StopSignals.control.ask(.stop)
                signal(code, SIG_DFL)
            }
        }
    }
}
