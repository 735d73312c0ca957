import Foundation
import TestSupport
import Testing

/// `nasd latency` as a user types it.
@Suite struct LatencyCommandTests {
    private func read(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: path))) }

    private func nasd(_ arguments: [String]) throws -> Program.Outcome { try Program(arguments).wait() }

    @Test func collectingFittingAndShowing() throws {
        try withDirectory { folder in
            let space = folder + "/tiny.yaml", file = folder + "/l.csv"
            try Files.write(Array(TinySpace.yaml(embed: "[16, 24, 32]").utf8), space)
            let collect = ["latency", "collect", space, "--turns", "3", "--output", file, "--count"]
            let first = try nasd(collect + ["20"])
            #expect(first.code == 0 && first.output.contains("records    20"), "\(first.error)")
            let lines = try read(file).split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
            #expect(
                lines[0] == "space,genome,milliseconds,deviation,ratio,ratioDeviation,reference,referenceMilliseconds,"
                    + "disturbed,device,time,key\r")
            #expect(lines.count == 21)
            let second = try nasd(collect + ["25"])
            #expect(second.code == 0 && second.output.contains("records    25"), "\(second.error)")
            let grown = try read(file)
            #expect(grown.starts(with: lines.joined(separator: "\n").utf8))
            let fit = try nasd([
                "latency", "fit", file, "--learn", "12,15", "--draws", "2", "--output", folder + "/p.csv",
            ])
            #expect(fit.code == 0 && fit.output.contains("in 90 % interval"), "\(fit.error)")
            #expect(fit.output.split(separator: "\n").count { $0.contains("ensemble") } == 3, "\(fit.output)")
            #expect(fit.output.contains(" of 25"))
            let predicted = String(decoding: try read(folder + "/p.csv"), as: UTF8.self)
            #expect(predicted.hasPrefix("genome,milliseconds,predicted,low,high,inside\r\n"))
            #expect(predicted.split(separator: "\r\n").count == 26)
            let shown = try nasd(["latency", "show", file])
            #expect(shown.code == 0 && shown.output.contains("fastest") && shown.output.contains("drift"))
            // Another batch is another device.
            let other = try nasd(collect + ["25", "--batch", "2"])
            #expect(other.code == 5 && other.error.contains("its device is"), "\(other.error)")
            let mixed = try nasd(collect + ["12", "--batch", "2", "--allow-device-change"])
            #expect(mixed.code == 0, "\(mixed.error)")
            let refused = try nasd(["latency", "fit", file])
            #expect(refused.code == 2 && refused.error.contains("its records are of 2 devices"), "\(refused.error)")
            #expect(try nasd(["latency", "show", file]).output.contains("records    12"))
        }
    }

    /// stem 1 and a kernel of 2 or 5; what a table says of an architecture, and what it has no entry of.
    @Test func lookingUp() throws {
        try withDirectory { folder in
            let space = """
                apiVersion: nasd/v1
                kind: SearchSpace
                name: blocks
                family: external
                decisions: [{name: kernel, options: [3, 5]}]
                """
            let run = """
                apiVersion: nasd/v1
                kind: Run
                name: r
                space: ./blocks.yaml
                evaluator: {kind: table, file: t.csv, key: {columns: {kernel: k}}, metrics: {accuracy: a}}
                latency: {kind: table, file: l.yaml, blocks: [stem, "k{kernel}"]}
                search: {objectives: [{metric: accuracy}, {metric: latencyMilliseconds}]}
                """
            try Files.write(Array(space.utf8), folder + "/blocks.yaml")
            try Files.write(Array(run.utf8), folder + "/r.yaml")
            try Files.write(Array("stem: 1\nk3: 2\nk5: {mean: 5}\n".utf8), folder + "/l.yaml")
            let ask = ["latency", "lookup", folder + "/r.yaml", "--data", folder, "--genome"]
            let found = try nasd(ask + ["smallest", "--genome", "kernel=5"])
            #expect(found.code == 0, "\(found.error)")
            #expect(found.output == "genome,milliseconds,low,high\nkernel=3,3,,\nkernel=5,6,,\n", "\(found.output)")
            try Files.write(Array("stem: 1\nk3: 2\n".utf8), folder + "/l.yaml")
            let refused = try nasd(ask + ["smallest"])
            #expect(refused.code == 2 && refused.error.contains("there is no entry of 'k5'"), "\(refused.error)")
        }
    }

    @Test(arguments: [
        (["latency", "collect", "nas-bench-macro"], "live elsewhere"),
        (["latency", "collect", "mlp-letter", "--warm-ups", "9"], "--warm-ups is from 10"),
        (["latency", "collect", "mlp-letter", "--threads", "2"], "--threads from 1 to the examples"),
        (["latency", "fit", "/nowhere/l.csv"], "there is no such file"),
        (["latency", "fit", "/nowhere/l.csv", "--learn", "3"], "expected whole numbers from 10"),
        (["latency", "fitt"], "nasd latency has no command 'fitt'; did you mean 'fit'?"),
    ]) func whatIsRefused(arguments: [String], message: String) throws {
        let result = try nasd(arguments)
        #expect(result.code == 2 || result.code == 3)
        #expect(result.error.contains(message), "\(result.error)")
    }

    /// Whatever moment it is killed at, the file is whole, and the same command goes on from it.
    @Test func aKillTakesLittle() throws {
        try withDirectory { folder in
            let space = folder + "/tiny.yaml", file = folder + "/l.csv"
            try Files.write(Array(TinySpace.yaml(embed: "[16, 24, 32]").utf8), space)
            let command = ["latency", "collect", space, "--turns", "1500", "--output", file, "--count", "24"]
            var kept: [UInt8] = [], seen = 0
            for _ in 0..<40 {
                let program = try Program(command), known = kept.count
                // Until there is something that a kill may take, however busy the machine is.
                for _ in 0..<600 where program.isRunning && ((try? read(file).count) ?? 0) <= known { usleep(50_000) }
                usleep(100_000)
                program.send(SIGKILL)
                if program.wait().code == 0 { break }
                guard FileManager.default.fileExists(atPath: file) else { continue }
                let bytes = try read(file)
                #expect(bytes.starts(with: kept))
                kept = bytes
                seen += 1
                if seen == 3 { break }
            }
            #expect(seen > 0)
            let result = try nasd(command)
            #expect(result.code == 0 && result.output.contains("records    24"), "\(result.error)")
            #expect(try read(file).starts(with: kept))
        }
    }
}
