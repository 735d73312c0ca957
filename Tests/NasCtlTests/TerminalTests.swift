import API
import Foundation
import TestSupport
import Testing

/// The program on a terminal of its own.
@Suite struct TerminalTests {
    /// A pseudo terminal and a program on it.
    private final class Session {
        let process = Process()
        private let master: Int32
        private let slave: Int32

        init(_ arguments: [String], columns: UInt16, environment: [String: String] = [:]) throws {
            var master: Int32 = 0, slave: Int32 = 0
            var size = winsize(ws_row: 40, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
            try #require(openpty(&master, &slave, nil, nil, &size) == 0)
            self.master = master
            self.slave = slave
            let terminal = FileHandle(fileDescriptor: slave, closeOnDealloc: false)
            process.executableURL = try Program.file("nas-ctl")
            process.arguments = arguments
            process.environment = ProcessInfo.processInfo.environment
                .merging(["TERM": "xterm", "NO_COLOR": ""]) { $1 }.merging(environment) { $1 }
            process.standardInput = terminal
            process.standardOutput = terminal
            process.standardError = terminal
            try process.run()
        }

        deinit {
            if process.isRunning { kill(process.processIdentifier, SIGKILL) }
            close(master)
            close(slave)
        }

        /// Whether keys are echoed and lines collected, as a shell needs it.
        var isUsual: Bool {
            var settings = termios()
            tcgetattr(slave, &settings)
            return settings.c_lflag & tcflag_t(ECHO | ICANON) == tcflag_t(ECHO | ICANON)
        }

        func type(_ text: String) { _ = write(master, text, text.utf8.count) }

        /// What was shown until a text came, or until the program ended.
        func read(until text: String? = nil) -> String {
            var all: [UInt8] = []
            let deadline = ContinuousClock.now + .seconds(30)
            while ContinuousClock.now < deadline {
                var descriptor = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
                guard poll(&descriptor, 1, 50) > 0 else {
                    if !process.isRunning { break }
                    continue
                }
                var part = [UInt8](repeating: 0, count: 4096)
                let count = Foundation.read(master, &part, part.count)
                guard count > 0 else { break }
                all += part[..<count]
                if let text, String(decoding: all, as: UTF8.self).contains(text) { break }
            }
            return String(decoding: all, as: UTF8.self)
        }
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
            let session = try Session(["watch", Samples.id, "--endpoint", daemon.endpoint], columns: 100)
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
            let session = try Session(["watch", "--endpoint", daemon.endpoint], columns: 100)
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
            let colored = try Session(arguments, columns: columns).read()
            #expect(colored.contains("\u{1B}[31mfailed\u{1B}[0m"))
            let plain = try Session(arguments, columns: columns, environment: ["NO_COLOR": "1"]).read()
            #expect(!plain.contains("\u{1B}") && plain.contains("failed"))
            let dumb = try Session(arguments, columns: columns, environment: ["TERM": "dumb"]).read()
            #expect(!dumb.contains("\u{1B}") && dumb.contains("failed"))
            #expect(plain.split(whereSeparator: \.isNewline).allSatisfy { $0.count <= Int(columns) })
        }
    }
}
