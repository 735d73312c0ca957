internal import API
internal import ArgumentParser
internal import Foundation

/// `nas-ctl logs RUN`: what a run wrote down.
struct Logs: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the log of a run.",
        discussion: """
            -f goes on as it grows, until the run ends. -o jsonl has the lines as they are in log.jsonl.

            Example: nas-ctl logs mnist-vit -f
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var target: RunArgument
    @Flag(name: .shortAndLong, help: "Go on as it grows.")
    var follow = false

    func run() throws {
        try global.run { session in
            try global.permit(.table, .wide, .jsonl)
            let run = try session.client.run(target.name).run.id
            let console = session.console
            var writer = ListingWriter(LogLine.listing, session)
            var tail = LogTail()
            var isTold = false
            var isEnded = false
            while true {
                var failure: (any Error)?
                var isComplete = false
                let before = tail.offset
                do throws(APIClientError) {
                    isComplete = try session.client.log(of: run, offset: tail.offset) { part in
                        do {
                            try writer.write(tail.push(part).map(LogLine.init))
                            return true
                        } catch {
                            failure = error
                            return false
                        }
                    }
                    isTold = false
                } catch {
                    guard follow, error.isTransient else { throw error }
                    if !isTold { console.note("\(error); trying again") }
                    isTold = true
                }
                if let failure { throw failure }
                // An answer is a part of the log; one that brings nothing is behind its end.
                if isComplete, tail.offset == before, !follow || isEnded {
                    if let rest = tail.rest { try writer.write([LogLine(rest)]) }
                    return
                }
                guard follow else { continue }
                try console.flush()
                // Looked at before the log is read once more, so that its last line is not missed.
                if isComplete, let item = try? session.client.run(run).run { isEnded = item.isEnded }
                if tail.offset == before { Thread.sleep(forTimeInterval: 1) }
            }
        }
    }
}
