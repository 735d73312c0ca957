internal import API
internal import ArgumentParser
internal import Foundation
internal import UserFiles

/// `nas-ctl wait RUN`: returns when a run has come so far.
struct Wait: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Wait until a run completes, or comes to a state.",
        discussion: """
            On a terminal a line shows how far it is, unless -q is given. Exit code 0 when it has come there, 7 when it ended failed or cancelled instead, 5 when it completed and will \
            never come there, 124 when the time is over. A daemon that starts anew is waited for; one that is not there \
            at the beginning only with --timeout.

            Example: nas-ctl wait mnist-vit --for paused --timeout 5m
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var target: RunArgument
    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("The state to wait for; default the end.", valueName: "state"))
    var goal: RunGoal.State?
    @Option(
        help: ArgumentHelp("How long: seconds, or a number with s, m, h or d.", valueName: "time"),
        transform: WaitingTime.init(argument:))
    var timeout: WaitingTime?

    func run() throws {
        try global.run { session in
            let goal = RunGoal(state: goal)
            let deadline = timeout.map { ContinuousClock.now + .seconds($0.seconds) }
            var name = target.name
            var hasSeen = false
            var isTold = false
            var pause = 0.1
            defer { TerminalLine.erase() }
            while true {
                var document: RunDocument?
                do throws(APIClientError) {
                    document = try session.client.run(name)
                } catch {
                    guard error.isTransient, hasSeen || deadline != nil else { throw error }
                    if !isTold { session.console.note("\(error); waiting") }
                    isTold = true
                }
                if let document {
                    // Its name may come up again.
                    name = document.run.id
                    hasSeen = true
                    isTold = false
                    switch goal.outcome(document.run) {
                    case .open:
                        let line = WatchPicture(document: document).line
                        if !session.console.isQuiet { TerminalLine.show { DisplayWidth.cut(line, to: $0) } }
                    case .reached:
                        return try RunItem.listing.write(one: document.run, to: session, document: document)
                    case .missed: throw Failure(ended: document.run, insteadOf: goal)
                    }
                }
                let left = deadline.map { ContinuousClock.now.duration(to: $0) / .seconds(1) } ?? .infinity
                guard left > 0 else {
                    throw Failure(
                        code: .timedOut,
                        message: "error: waited \(NumberText.duration(timeout?.seconds ?? 0)) for run \(name)")
                }
                Thread.sleep(forTimeInterval: min(pause, left))
                pause = min(pause * 1.5, 1)
            }
        }
    }
}
