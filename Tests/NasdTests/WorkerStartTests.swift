import Foundation
import Store
import TestSupport
import Testing

/// Workers that do not come to their hello: why is told, and whether anybody waits for it, with real processes.
@Suite(.enabled(if: Shell.hasPython)) struct WorkerStartTests {
    /// A run over a program of its own in place of Python, which has the lines of a shell script.
    private func run(_ program: String, _ lines: String, mode: String = "", slots: Int = 1, deadline: Double = 3000)
        throws
        -> WorkerRun
    {
        let run = try WorkerRun(mode, slots: slots, deadline: deadline)
        let path = "\(run.folder)/\(program)"
        try Files.write(Array("#!/bin/sh\ncd '\(run.folder)'\n\(lines)\n".utf8), path)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        let text = run.text("run.yaml").replacing(
            "argv: [\(Shell.python), -B, \(run.folder)/worker.py]", with: "argv: [\(path)]")
        try Files.write(Array(text.utf8), run.folder + "/run.yaml")
        return run
    }

    /// The bytes of a run of which no start fails.
    private static let expected: String? = {
        guard let run = try? WorkerRun(), let outcome = try? Program(run.arguments()).wait(), outcome.code == 0 else {
            return nil
        }
        return run.csv
    }()

    /// A script that is not there ends the run soon, whatever the deadline, and says which.
    @Test func aStartThatFailsTellsWhyAndWaitsForNothing() throws {
        let run = try WorkerRun(slots: 2, deadline: 3000)
        try FileManager.default.removeItem(atPath: run.folder + "/worker.py")
        let outcome = try Program(run.arguments()).wait()
        let names = try FileManager.default.contentsOfDirectory(atPath: run.folder + "/out/runs")
        let log = "runs/\(try #require(names.first))/workers/slot-0.log"
        #expect(
            outcome.code == 7
                && outcome.error.contains(
                    "no slot of the command 'python' works: worker ended with 2, last line of \(log): ")
                && outcome.error.contains("can't open file"), "\(outcome.error)")
        #expect(run.text("out/" + log).contains("can't open file '\(run.folder)/worker.py'"))
        let degraded = try run.events().map(\.content).filter { $0.type == .evaluatorDegraded }
        #expect(degraded.count == 2 && degraded.allSatisfy { $0.data.contains("can't open file") }, "\(degraded)")
        let failed = try #require(try run.events().last?.content)
        #expect(failed.type == .runFailed && failed.data.contains("can't open file"))
        // Mended, it goes on.
        try Files.write(Array(WorkerRun.worker.utf8), run.folder + "/worker.py")
        let again = try Program(run.arguments()).wait()
        #expect(again.code == 0 && run.csv == Self.expected, "\(again.error)")
    }

    /// What is told is of one line, and nothing that a terminal obeys.
    @Test func theLastWordsAreEscaped() throws {
        let run = try run(
            "start", #"printf 'one\n\033[31mno\tweights\r\n\n   \n' >&2; exit 4"#)
        let outcome = try Program(run.arguments()).wait()
        #expect(outcome.code == 7 && !outcome.error.contains("\u{1B}[31mno"), "\(outcome.error)")
        #expect(outcome.error.contains(#"slot-0.log: \u{1b}[31mno\tweights; mend it"#), "\(outcome.error)")
    }

    /// Another machine may be away for a while, and so may a worker that has been heard of before.
    @Test(arguments: [
        ("ssh", "", "-le 4", 1), ("reach", "", "-le 4", 255), ("reach", "dies", "-gt 1 -a $count -le 5", 1),
    ]) func whatMayComeBackIsWaitedFor(program: String, mode: String, failing: String, code: Int) throws {
        let run = try run(
            program,
            """
            echo start >> starts
            count=$(wc -l < starts)
            if [ $count \(failing) ]; then echo 'no route to host' >&2; exit \(code); fi
            exec \(Shell.python) -B worker.py
            """, mode: mode)
        let outcome = try Program(run.arguments()).wait()
        try #require(outcome.code == 0, "\(outcome.error)")
        #expect(run.csv == Self.expected)
        let degraded = try run.events().map(\.content).filter { $0.type == .evaluatorDegraded }
        #expect(
            degraded.count == 1
                && degraded[0].data.contains("worker ended with \(code), last line of runs/")
                && degraded[0].data.contains("slot-0.log: no route to host"), "\(degraded)")
        #expect(try run.events().contains { $0.content.type == .evaluatorRecovered })
    }
}
