import API
import Foundation
import TestSupport
import Testing
import UserFiles

/// The program on a terminal of its own.
@Suite struct TerminalTests {
    private func session(
        _ arguments: [String], columns: UInt16, environment: [String: String] = [:]
    ) throws -> TerminalSession {
        try TerminalSession(arguments, named: "nas-ctl", columns: columns, environment: environment)
    }

    private let run = "/v1/runs/\(Samples.id)"
    private var routes: [String: ScriptedDaemon.Route] {
        let front = CandidateList(run: Samples.id, candidates: (1...20).map { Samples.candidate($0) })
        let sampler = SamplerDocument(run: Samples.id, sampler: "sandwich", statistics: [])
        let training = TrainingDocument(run: Samples.id, recordEvery: 2, records: Samples.training(8))
        return [
            "GET \(run)/training": ScriptedDaemon.document(training),
            "GET /v1/runs": ScriptedDaemon.document(
                RunList(runs: [Samples.item(), Samples.item(id: "aaaaaaaaaaaa", state: "failed")])),
            "GET \(run)": ScriptedDaemon.document(Samples.run()),
            "GET \(run)/front": ScriptedDaemon.document(front), "GET \(run)/sampler": ScriptedDaemon.document(sampler),
        ]
    }

    @Test func watchingIsLeftWithQ() throws {
        try ScriptedDaemon.serve(routes) { daemon throws in
            let session = try self.session(["watch", Samples.id, "--endpoint", daemon.endpoint], columns: 100)
            let picture = session.read(until: "q ends")
            #expect(picture.contains("1200/3000 steps") && picture.contains("front: 20 candidates"))
            #expect(picture.contains("loss 2.5000 █▄▂▂▁▁▁▁ 0.3125"))
            #expect(!session.isUsual)
            session.type("q")
            let end = session.read()
            session.process.waitUntilExit()
            #expect(session.process.terminationStatus == 0 && session.process.terminationReason == .exit)
            #expect(end.contains("\u{1B}[?1049l") && session.isUsual)
        }
    }

    @Test func aSignalGivesTheTerminalBack() throws {
        try ScriptedDaemon.serve(routes) { daemon throws in
            let session = try self.session(["watch", "--endpoint", daemon.endpoint], columns: 100)
            #expect(session.read(until: "q ends").contains(Samples.id))
            kill(session.process.processIdentifier, SIGINT)
            let end = session.read()
            session.process.waitUntilExit()
            #expect(session.process.terminationStatus == 130 && session.process.terminationReason == .exit)
            #expect(end.contains("\u{1B}[?25h") && end.contains("\u{1B}[?1049l") && session.isUsual)
        }
    }

    @Test(arguments: [UInt16(40), 80, 200]) func tablesFitAndColoursCanBeOff(columns: UInt16) throws {
        try ScriptedDaemon.serve(routes) { daemon throws in
            let arguments = ["status", "--endpoint", daemon.endpoint]
            let colored = try self.session(arguments, columns: columns).read()
            #expect(colored.contains("\u{1B}[31mfailed\u{1B}[0m"))
            let plain = try self.session(arguments, columns: columns, environment: ["NO_COLOR": "1"]).read()
            #expect(!plain.contains("\u{1B}") && plain.contains("failed"))
            let dumb = try self.session(arguments, columns: columns, environment: ["TERM": "dumb"]).read()
            #expect(!dumb.contains("\u{1B}") && dumb.contains("failed"))
            #expect(plain.split(whereSeparator: \.isNewline).allSatisfy { $0.count <= Int(columns) })
        }
    }

    /// Waiting shows how far the run is, in a line that fits whatever the run is called, and takes it away at the end.
    @Test(arguments: [UInt16(20), 60]) func waitingShowsALine(columns: UInt16) throws {
        var routes = routes
        routes["GET \(run)"] = ScriptedDaemon.document(Samples.run(Samples.item(name: "模型训练模型训练模型")))
        try ScriptedDaemon.serve(routes) { daemon throws in
            let arguments = ["wait", Samples.id, "--timeout", "1s", "--endpoint", daemon.endpoint]
            let session = try self.session(arguments, columns: columns)
            let shown = session.read()
            session.process.waitUntilExit()
            #expect(session.process.terminationStatus == 124)
            let drawn = shown.split(separator: "\r").map { $0.prefix { $0 != "\u{1B}" } }.filter { $0.hasPrefix("模型") }
            #expect(!drawn.isEmpty && drawn.allSatisfy { DisplayWidth.of(String($0)) < columns }, "\(drawn)")
            let end = TerminalPicture(shown, columns: Int(columns)).lines.joined()
            #expect(end.hasPrefix("error: waited 1 s for run \(Samples.id)"), "\(end)")
            let quiet = try self.session(arguments + ["-q"], columns: columns).read()
            #expect(!quiet.contains("模") && quiet.contains("error: waited"))
            let dumb = try self.session(arguments, columns: columns, environment: ["TERM": "dumb"]).read()
            #expect(!dumb.contains("\u{1B}") && !dumb.contains("模"))
        }
    }
}
