import Foundation
import TestSupport
import Testing
import UserFiles

@testable import nasd

/// How `nasd run` shows what goes on: on a terminal of any width, and where there is none.
@Suite struct ProgressTests {
    /// A run that trains until it is told otherwise.
    private static func longRun() throws -> SmallRun { try SmallRun(train: "{steps: 200000, batch: 16, shards: 4}") }

    private func session(
        _ arguments: [String], columns: UInt16, environment: [String: String] = [:], takesKeys: Bool = false
    ) throws -> TerminalSession {
        try TerminalSession(
            arguments, named: "nasd", columns: columns, environment: environment, takesKeys: takesKeys)
    }

    /// Each phase leaves one whole line that fits, whatever is told beside it.
    @Test(arguments: [UInt16(20), 40, 80, 200]) func oneLineForEachPhase(columns: UInt16) throws {
        let run = try SmallRun()
        let session = try session(run.arguments + ["--workers", "2"], columns: columns)
        let shown = session.read()
        session.process.waitUntilExit()
        #expect(session.process.terminationStatus == 0)
        let picture = TerminalPicture(shown, columns: Int(columns))
        for (title, whole) in [("training ", "20/20"), ("searching ", "8/8")] {
            let lines = picture.lines.filter { $0.hasPrefix(title) && $0.contains("/") }
            #expect(lines.count == 1 && lines.allSatisfy { $0.contains(whole) }, "\(picture.lines)")
            #expect(!picture.wrappedLines.contains { $0.hasPrefix(title) })
            if columns >= 80 {
                #expect(lines.allSatisfy { title == "searching " || ($0.contains("loss ") && $0.contains("█")) })
            }
        }
        // What only says what goes on is taken away, and nothing is coloured.
        #expect(!picture.lines.contains("preparing") && !picture.lines.contains("validating"))
        #expect(shown.firstMatch(of: /\u{1B}\[[0-9;]*m/) == nil)
    }

    /// On a terminal that cannot do it, and where there is none, there are plain lines.
    @Test func plainLinesElsewhere() throws {
        let run = try SmallRun()
        let dumb = try session(run.arguments, columns: 80, environment: ["TERM": "dumb"]).read()
        #expect(!dumb.contains("\u{1B}") && dumb.contains("training 20/20  loss ") && dumb.contains("validating\r\n"))
        let piped = try SmallRun().run()
        #expect(piped.code == 0 && !piped.error.contains("\u{1B}") && !piped.error.contains("\r"))
        #expect(piped.error.contains("\ntraining 20/20  loss ") && piped.error.contains("\nsearching 8/8  round 0"))
        #expect(!piped.error.contains("█"))
    }

    /// Ctrl-C leaves the line whole, with what is said of the stop below it.
    @Test func aKeyThatStopsLeavesTheLineWhole() throws {
        let run = try Self.longRun()
        let session = try session(run.arguments, columns: 100, takesKeys: true)
        var shown = session.read(until: "steps/s")
        session.type("\u{3}")
        shown += session.read()
        session.process.waitUntilExit()
        #expect(session.process.terminationStatus == 130)
        let lines = TerminalPicture(shown, columns: 100).lines
        let last = try #require(lines.lastIndex { $0.hasPrefix("training ") }, "\(lines)")
        #expect(lines[last].contains("/200000  loss ") && !lines[last].contains("^C"))
        #expect(lines[last + 1].hasPrefix("stopped with a checkpoint"), "\(lines)")
    }

    /// A terminal that becomes narrower, and one that becomes wider, has lines that fit from then on.
    @Test func anotherWidth() throws {
        let run = try Self.longRun()
        let session = try session(run.arguments, columns: 120)
        _ = session.read(until: "steps/s")
        for (columns, mark) in [(UInt16(30), "training"), (200, "left in training")] {
            session.resize(columns: columns)
            // What was on its way before is of the width before.
            for _ in 0..<4 { _ = session.read(until: "\u{1B}[J") }
            let drawn = session.read(until: mark).split(separator: "\r").map { $0.prefix { $0 != "\u{1B}" } }
            #expect(drawn.allSatisfy { DisplayWidth.of(String($0)) < columns }, "\(drawn)")
        }
        kill(session.process.processIdentifier, SIGTERM)
        _ = session.read()
        session.process.waitUntilExit()
        #expect(session.process.terminationStatus == 143)
    }

    /// What another thread tells meanwhile stands above the line, whole.
    @Test func whatIsToldBesideTearsNothing() throws {
        let run = try Self.longRun()
        let session = try session(run.arguments, columns: 2000)
        var shown = session.read(until: "steps/s")
        for _ in 0..<5 {
            kill(session.process.processIdentifier, SIGUSR2)
            shown += session.read(until: "walBytes=")
        }
        kill(session.process.processIdentifier, SIGINT)
        shown += session.read()
        session.process.waitUntilExit()
        let lines = TerminalPicture(shown, columns: 2000).lines
        let states = lines.filter { $0.contains("walBytes=") }
        #expect(states.count == 5 && states.allSatisfy { $0.hasPrefix("state: ") }, "\(states)")
        #expect(lines.filter { $0.contains("loss ") && $0.contains("200000") }.count == 1, "\(lines)")
    }

    /// Reading that takes long is shown as well, and a signal that ends it at once leaves the line whole.
    @Test func picturesThatAreDecoded() throws {
        let run = try SmallRun(
            data: "{format: image-folder, directory: photos, test: {share: 0.2}, holdOut: {validation: 20}}")
        try run.replace("directory: photos", with: "directory: '\(run.folder)/photos'", in: "run.yaml")
        let picture = run.folder + "/picture.png"
        try Files.write(Files.png([UInt8](repeating: 90, count: 2000 * 2000), width: 2000), picture)
        for label in 0..<10 {
            let folder = "\(run.folder)/photos/\(label)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for index in 0..<60 { #expect(link(picture, "\(folder)/\(index).png") == 0) }
        }
        let session = try session(run.arguments, columns: 60, takesKeys: true)
        var shown = session.read(until: "left in reading")
        session.type("\u{3}")
        shown += session.read()
        session.process.waitUntilExit()
        #expect(session.process.terminationStatus == 130)
        let lines = TerminalPicture(shown, columns: 60).lines.filter { !$0.isEmpty }
        let last = try #require(lines.last)
        #expect(lines.count == 1 && last.hasPrefix("decoding pictures ") && last.contains("/600"), "\(lines)")
        #expect(shown.hasSuffix("\r\n"))
    }

    // MARK: One line

    private func text(title: String = "training", done: Int = 1200, losses: Int = 40) -> ProgressText {
        var course = ProgressText.Course()
        for step in 0..<losses { course.add(2.5 / Double(step + 1)) }
        return ProgressText(
            title: title, done: done, all: 3000,
            facts: [
                .init(text: "loss 0.3125", rank: 1), .init(text: "31.2 steps/s", rank: 5),
                .init(text: "2 min left", rank: 2), .init(text: "best 0.9712", rank: 3),
            ], course: course)
    }

    @Test func whatFindsNoRoomIsLeftOut() {
        for title in ["training", "训练模型", "t"] {
            for columns in 1...250 {
                #expect(DisplayWidth.of(text(title: title).text(columns: columns)) <= columns, "\(title), \(columns)")
            }
        }
        #expect(text().text(columns: 17) == "training 40 %")
        #expect(text().text(columns: 5) == "40 %" && text().text(columns: 3) == "40…")
        #expect(text().text(columns: 20) == "training 1200/3000")
        #expect(text().text(columns: 33) == "training 1200/3000  loss 0.3125")
        #expect(text().text(columns: 45) == "training 1200/3000  loss 0.3125  2 min left")
        #expect(
            text(losses: 1).text(columns: 79)
                == "training 1200/3000  loss 0.3125  31.2 steps/s  2 min left  best 0.9712")
        #expect(
            text().text(columns: 65) == "training 1200/3000  loss 0.3125 █▂▁▁▁▁▁▁  2 min left  best 0.9712")
        let wide = text().text(columns: 200)
        #expect(wide.hasPrefix("training [###############.......................] 1200/3000  loss 0.3125 █"))
        #expect(text().plain == "training 1200/3000  loss 0.3125  31.2 steps/s  2 min left  best 0.9712")
    }

    /// The course of a long run takes no more room than that of a short one, and keeps its ends.
    @Test func aCourseIsBounded() {
        var course = ProgressText.Course()
        for step in 0..<1_000_000 { course.add(Double(step)) }
        course.add(.nan)
        #expect((128..<256).contains(course.values.count))
        #expect(course.values == course.values.sorted() && (course.values.first ?? 0) < 10_000)
        #expect((course.values.last ?? 0) > 990_000)
    }
}
