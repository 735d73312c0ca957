import Foundation
import TestSupport
import Testing

/// A run that learns numbers, from end to end: nothing of it speaks of classes.
@Suite struct RegressionCommandTests {
    private static let space = """
        apiVersion: nasd/v1
        kind: SearchSpace
        name: small
        family: mlp
        input: {features: 3, outputs: 1}
        choices: {width: [8, 16], depth: [1, 2], expansion: [1, 2]}

        """

    private static func trained() throws -> SmallRun {
        let run = try SmallRun(
            data: "{format: csv, train: {files: [t.csv]}, test: {share: 0.25}, target: y, holdOut: {validation: 60}}",
            train: "{steps: 20, batch: 16, shards: 4}",
            search: "{objectives: [{metric: rmse}, {metric: params}], population: 4, evaluations: 8}")
        try run.write(space, to: "small.yaml")
        var random = SeededGenerator(8)
        let rows = (0..<240).map { _ in
            let x = (0..<3).map { _ in Float.random(in: -1...1, using: &random) }
            return "\(x[0]),\(x[1]),\(x[2]),\(2 * x[0] - x[1])\n"
        }
        try run.write("a,b,c,y\n" + rows.joined(), to: "t.csv")
        let outcome = try Program(run.arguments + ["--data", run.folder]).wait()
        try #require(outcome.code == 0, "\(outcome.error)")
        return run
    }

    /// A network file and a test file are enough, and a text that is none of its categories is told.
    @Test func aNetworkIsMeasuredByItsFileAlone() throws {
        let run = try SmallRun(
            data: "{format: csv, train: {files: [a.csv]}, test: {files: [b.csv]}, target: y, categorical: [c], "
                + "holdOut: {validation: 60}}",
            train: "{steps: 20, batch: 16, shards: 4}",
            search: "{objectives: [{metric: rmse}, {metric: params}], population: 4, evaluations: 8}")
        try run.write(Self.space, to: "small.yaml")
        let rows = (0..<240).map { "\($0 % 2 == 0 ? "red" : "blue"),\($0 % 7),\(1_700_000_000 + $0 % 7)\n" }
        try run.write("c,x,y\n" + rows.joined(), to: "a.csv")
        let test =
            "c,x,y\n"
            + (0..<20).map { "\($0 % 3 == 0 ? "red" : "blue"),\($0 % 5),\(1_700_000_001 + $0 % 5)\n" }.joined()
        try run.write(test, to: "b.csv")
        let outcome = try Program(run.arguments + ["--data", run.folder]).wait()
        try #require(outcome.code == 0, "\(outcome.error)")
        #expect(!outcome.error.contains("one value in all training rows"), "\(outcome.error)")
        let models = try FileManager.default.subpathsOfDirectory(atPath: run.output).filter {
            $0.hasSuffix(".safetensors") && $0.contains("models")
        }
        let model = run.output + "/" + (try #require(models.first))
        try FileManager.default.removeItem(atPath: run.folder + "/a.csv")
        let same = try Program(["evaluate", model, "--data", run.folder]).wait()
        #expect(same.code == 0 && same.output.contains("testRmse") && same.error.isEmpty, "\(same.error)")
        #expect(!same.output.contains("this is other data"), "\(same.output)")
        try run.write(test.replacing("red", with: "azure"), to: "b.csv")
        let other = try Program(["evaluate", model, "--data", run.folder]).wait()
        #expect(
            other.code == 0 && other.error.contains("warning: ") && other.error.contains("'azure'"), "\(other.error)")
        try run.write(test.replacing("c,x,y", with: "c,z,y"), to: "b.csv")
        let refused = try Program(["evaluate", model, "--data", run.folder]).wait()
        #expect(refused.code == 2 && refused.error.contains("there is no 'x', and it knows no 'z'"), "\(refused.error)")
    }

    @Test func toolsTellTheMetricsOfTheTask() throws {
        let run = try Self.trained()
        let trained = [run.folder + "/run.yaml", "--data", run.folder, "--directory", run.output]
        let losses = run.folder + "/losses.csv", hits = run.folder + "/hits.csv"
        let measured = try Program(["measure"] + trained + ["--bins", "2", "--per-bin", "1", "--output", losses]).wait()
        #expect(measured.code == 0, "\(measured.error)")
        let names = measured.output.split(separator: "\n").dropFirst().map { $0.split(separator: " ")[1] }
        #expect(names == ["loss", "rmse", "r2", "mae"], "\(measured.output)")
        // What is printed is the mean of what each subnet comes to; a root of all squares together would be more.
        func rmse(_ output: String) -> Double? { output.firstMatch(of: /mean rmse  (\S+)/).flatMap { Double($0.1) } }
        let header = try String(contentsOfFile: losses, encoding: .utf8).prefix { !$0.isNewline }
        let each = try header.matches(of: /"([^"]*)"|([^",]+)/).dropFirst().map { field in
            let genome = field.1 ?? field.2 ?? ""
            try run.write("\(genome)\n", to: "one.txt")
            let one = ["--subnets", run.folder + "/one.txt", "--output", run.folder + "/one.csv"]
            return try #require(rmse(try Program(["measure"] + trained + one).wait().output))
        }
        #expect(each.count == 2 && each.first != each.last)
        #expect(abs((rmse(measured.output) ?? 0) - each.reduce(0, +) / 2) < 1e-9, "\(measured.output)\(each)")
        let refused = try Program(["measure"] + trained + ["--output", losses, "--hits", hits]).wait()
        #expect(refused.code == 2 && refused.error.contains("--hits: the task regression has no answers"))
        #expect(!FileManager.default.fileExists(atPath: hits))
        // Genomes may be quoted as in results.csv; what is none has its line.
        let line = "\"width=8;depth=2;expansion=1,2\""
        let listed = ["measure"] + trained + ["--output", losses, "--subnets", run.folder + "/listed.txt"]
        for (text, message) in [
            ("\(line)\r\n\r\nsmallest\n", nil), ("largest\n\(line)x\n", "listed.txt:2: genome '"),
            ("\n", "listed.txt holds no genome"),
        ] {
            try run.write(text, to: "listed.txt")
            let result = try Program(listed).wait()
            #expect(result.code == (message == nil ? 0 : 2), "\(result.error)")
            if let message { #expect(result.error.contains(message), "\(result.error)") }
        }

        let table = run.folder + "/gap.csv"
        let gap = try Program(["gap"] + trained + ["--subnets", "2", "--extra", "0", "--output", table]).wait()
        #expect(gap.code == 0 && gap.output.contains("in rmse") && !gap.output.contains("accuracy"), "\(gap.error)")
        // The smallest and the largest are no thirds of a space, and of two nobody knows how well they are ordered.
        #expect(gap.output.contains("all ") && gap.output.contains(" ± ") && !gap.output.contains("third"))
        let tau = gap.output.split(separator: "\n").first { $0.hasPrefix("Kendall tau  ") }
        #expect(tau?.contains("±") == false && gap.output.contains("an error (±) is told of"), "\(gap.output)")
        let columns = try String(contentsOfFile: table, encoding: .utf8).split(separator: "\r\n")[0]
        #expect(columns.contains(",standaloneRmse,") && columns.contains(",inheritedRmse,"))
    }

    /// A space has no more subnets than it has: those that there are, each once, and a word of it.
    @Test func smallSpacesAreToldOf() throws {
        let run = try Self.trained()
        let trained = [run.folder + "/run.yaml", "--data", run.folder, "--directory", run.output]
        func rows(_ file: String) throws -> [[Substring]] {
            try String(contentsOfFile: file, encoding: .utf8).split(separator: "\r\n").map {
                $0.split(separator: ",", omittingEmptySubsequences: false)
            }
        }
        let file = run.folder + "/table.csv"
        let gap = try Program(["gap"] + trained + ["--subnets", "40", "--extra", "0", "--output", file]).wait()
        let count = try rows(file).count - 1
        #expect(gap.code == 0 && (3...12).contains(count))
        #expect(gap.error.contains("note: \(count) subnets are studied, not 40: the space has 12 arch"), "\(gap.error)")

        let measured = try Program(["measure"] + trained + ["--bins", "2", "--per-bin", "20", "--output", file]).wait()
        #expect(measured.code == 0)
        let losses = try rows(file).dropFirst().map { $0.dropFirst().compactMap { Double($0) } }
        let subnets = try #require(losses.first).count
        #expect(losses.count == 60 && losses.allSatisfy { $0.count == subnets } && (4...12).contains(subnets))
        #expect(measured.output.hasPrefix("\(subnets) subnets, 60 validation examples"), "\(measured.output)")
        #expect(measured.error.contains("note: \(subnets) of the 40 subnets are distinct"), "\(measured.error)")
        let names = try String(contentsOfFile: file, encoding: .utf8).matches(
            of: /width=\d+;depth=\d;expansion=[\d,]*\d/)
        #expect(names.count == subnets && Set(names.map(\.output)).count == subnets)
        let mean = losses.flatMap(\.self).reduce(0, +) / Double(60 * subnets)
        let told = measured.output.split(separator: "\n").first { $0.hasPrefix("mean loss  ") }?.dropFirst(11)
        #expect(abs(mean - (told.flatMap { Double($0) } ?? .nan)) < 1e-6 * mean)
    }
}
