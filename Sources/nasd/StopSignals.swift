internal import API
internal import Coordinator
internal import Foundation
internal import Synchronization
internal import UserFiles

/// Signals as a request to stop with a checkpoint: from a keyboard, from whoever ends the process, from a terminal that is
/// gone, and from a batch system before its limit.
enum StopSignals {
    /// What the run looks at.
    static let control = RunControl()
    private static let received = Atomic<Int32>(0)

    /// The code that the program ends with, once it has stopped.
    static var exitStatus: ExitStatus {
        switch received.load(ordering: .relaxed) {
        case SIGTERM: .terminated
        case SIGHUP: .hungUp
        case SIGUSR1: .stoppedByUser1
        case SIGXCPU: .outOfProcessorTime
        default: .interrupted
        }
    }

    /// Takes the signals over.
    static func install() {
        // Touched here, so that the handlers find them made: atomics are all that a handler may use.
        _ = control.isAsked
        received.store(0, ordering: .relaxed)
        Interruption.unblock([SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGXCPU])
        for code in [SIGINT, SIGTERM] {
            signal(code) { code in
                StopSignals.stop(code)
                // A second one ends the program at once.
                signal(code) { code in
                    Interruption.leaveLine()
                    signal(code, SIG_DFL)
                    raise(code)
                }
            }
        }
        // These come again and again, from a shell and its terminal or with every second of processor time.
        for code in [SIGHUP, SIGUSR1, SIGXCPU] where !Interruption.isIgnored(code) {
            signal(code) { code in StopSignals.stop(code) }
        }
    }

    private static func stop(_ code: Int32) {
        received.store(code, ordering: .relaxed)
        control.ask(.stop)
    }
}
