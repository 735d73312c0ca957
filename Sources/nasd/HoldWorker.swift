internal import API
internal import ArgumentParser
internal import CSystemCalls
internal import Foundation

/// `nasd hold-worker`: what a run starts once for each slot of a command, and nobody else does.
///
/// It holds one worker and ends it, with all that came of it, once the run does not hold the other end of its pipe any more. It is a process of
/// its own because whoever is killed ends nothing.
struct HoldWorker: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold-worker", abstract: "Hold a worker of a run; runs start it.", shouldDisplay: false)

    func run() throws {
        // Without its pipes it was started by hand.
        guard fcntl(3, F_GETFD) != -1, fcntl(4, F_GETFD) != -1 else {
            throw Failure(code: .usage, message: "error: hold-worker is started by runs that have workers of a command")
        }
        let code = nasd_supervise()
        _exit(code)
    }
}
