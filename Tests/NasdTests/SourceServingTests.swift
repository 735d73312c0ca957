import API
import Foundation
import HTTPClient
import TestSupport
import Testing

/// Networks as C from a daemon, over the API and by `nas-ctl`: the files that `nasd` writes.
@Suite struct SourceServingTests {
    /// The run of a daemon as the files that `nasd` reads.
    private static func write(to folder: String) throws {
        let text = ServedDaemon.tiny()
        let start = try #require(text.range(of: "space:\n")), end = try #require(text.range(of: "data: {"))
        let space = text[start.upperBound..<end.lowerBound]
        try Files.write(
            Array(space.split(separator: "\n").map { $0.dropFirst(2) }.joined(separator: "\n").utf8),
            folder + "/tiny.yaml")
        let run = text.replacing(text[start.lowerBound..<end.lowerBound], with: "space: tiny\n")
        try Files.write(Array(run.utf8), folder + "/run.yaml")
    }

    private static func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    /// What stands behind the comment at the top, which tells what was measured of a network, and differs with who asked.
    private static func code(_ path: String) throws -> Substring {
        let text = try text(path)
        return text[(try #require(text.range(of: "*/"))).upperBound...]
    }

    @Test func theFilesOfTheCommand() throws {
        let daemon = try ServedDaemon()
        let id = try daemon.submit()
        try #require(daemon.wait(id, for: "completed"))
        let folder = daemon.folder + "/mine", other = daemon.folder + "/command"
        for one in [folder, other] {
            try FileManager.default.createDirectory(atPath: one, withIntermediateDirectories: true)
        }
        try Self.write(to: other)
        func control(_ arguments: [String]) throws -> Program.Outcome {
            try Program(
                arguments + ["--endpoint", "unix:\(daemon.socket)"], named: "nas-ctl", folder: URL(filePath: folder)
            ).wait(timeout: .seconds(60))
        }
        func nasd(_ arguments: [String]) throws -> Program.Outcome {
            try Program(
                [arguments[0], "run.yaml", "--directory", daemon.data] + arguments.dropFirst(),
                folder: URL(filePath: other)
            ).wait(timeout: .seconds(60))
        }
        for (weights, file) in [("float32", "whole_net.c"), ("int8", "small_net.c")] {
            let asked = ["--budget", "params=1M", "--format", "c", "--weights", weights, "--output", file]
            let sent = try control(["model", id] + asked)
            #expect(sent.code == 0 && sent.output == file + "\n", "\(sent.error)")
            let written = try nasd(["deploy"] + asked)
            #expect(written.code == 0, "\(written.error)")
            for name in [file, file.dropLast(1) + "h"] {
                #expect(try Self.text("\(folder)/\(name)") == Self.text("\(other)/\(name)"), "\(name)")
            }
            // What it takes is told, and stands in the header.
            let arena = try #require(sent.error.firstMatch(of: /arenaBytes (\d+)\n/)).1
            #expect(written.output.contains("arenaBytes    \(arena)\n"))
            #expect(try Self.text("\(folder)/\(file.dropLast(1))h").contains("_ARENA_BYTES \(arena)\n"))
        }
        let front = try daemon.document(CandidateList.self, try daemon.get("/v1/runs/\(id)/front")).candidates
        let kept = try #require(
            front.first { (try? daemon.get("/v1/runs/\(id)/models/\($0.candidate)"))?.head.status == 200 })
        let usual = "tiny_\(kept.candidate).c"
        let sent = try control(["model", id, "\(kept.candidate)", "--format", "c"])
        #expect(sent.code == 0 && sent.output == usual + "\n" && sent.error.contains("weightBytes "), "\(sent.error)")
        #expect(try nasd(["extract", "--genome", kept.genome, "--format", "c", "--output", usual]).code == 0)
        #expect(try Self.code("\(folder)/\(usual)") == Self.code("\(other)/\(usual)"))
        // Over HTTP both come in one archive.
        let path = "/v1/runs/\(id)/models/\(kept.candidate)"
        let answer = try daemon.get(path + "?format=c&name=net")
        #expect(answer.head["content-disposition"] == "attachment; filename=\"net.tar\"")
        let files = try #require(TarArchive.entries(of: answer.body))
        #expect(files.map(\.name) == ["net.h", "net.c"])
        #expect(String(decoding: files[1].bytes, as: UTF8.self).contains("void net_run("))
        let unnamed = try #require(TarArchive.entries(of: try daemon.get(path + "?format=c&weights=int8").body))
        #expect(unnamed.map(\.name) == ["candidate_\(kept.candidate).h", "candidate_\(kept.candidate).c"])
        for query in [
            "weights=int8", "format=c&weights=int4", "format=c&name=", "format=c&name=a-b", "format=onnx&name=a",
            "format=c&name=\(String(repeating: "a", count: 64))",
        ] {
            #expect(try daemon.get("\(path)?\(query)").head.status == 422, "\(query)")
        }
        for refused in [
            ["--format", "c", "--output", "a-b.c"], ["--format", "c", "--output", "a.txt"],
            ["--format", "c", "--output", "-"],
            ["--weights", "int8"], ["--format", "c", "--weights", "int4"],
        ] {
            let outcome = try control(["model", id] + refused)
            #expect(outcome.code == 2, "\(refused): \(outcome.error)")
        }
    }
}
