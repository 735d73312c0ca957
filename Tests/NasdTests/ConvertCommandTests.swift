import Foundation
import TestSupport
import Testing

/// `nasd schema` and `nasd convert` as a user would type them.
@Suite struct ConvertCommandTests {
    @Test(arguments: [
        ("space", "SearchSpaces/schema/nasd-space.schema.json"), ("run", "SearchSpaces/schema/nasd-run.schema.json"),
        ("worker", "Deploy/workers/nasd-worker-1.schema.json"),
    ]) func schemasAreTheirPublishedCopies(document: String, path: String) throws {
        let printed = try Program(["schema", document], folder: Repository.root).wait()
        #expect(printed.code == 0, "\(printed.error)")
        #expect(try printed.output == String(contentsOf: Repository.root.appending(path: path), encoding: .utf8))
    }

    @Test func aNameToASpaceAndGenomesToCosts() throws {
        try withDirectory { directory in
            let here = URL(filePath: directory)
            func nasd(_ arguments: String...) throws -> Program.Outcome { try Program(arguments, folder: here).wait() }
            let name = "ofa_mbv3_d234_e346_k357_w1.0"
            let converted = try nasd("convert", name, "--output", "\(name).yaml", "--name", name)
            #expect(converted.code == 0 && converted.error.contains("note: learned transforms"), "\(converted.error)")
            #expect(try nasd("validate", "\(name).yaml").code == 0)
            try Files.write(Array("{\"ks\": 7, \"e\": 6, \"d\": 4, \"r\": [224]}".utf8), directory + "/g.json")
            let genomes = try nasd("convert", name, "--genomes", "g.json")
            let genome = genomes.output.split(separator: "\n").map(String.init)
            #expect(genomes.code == 0 && genome.count == 1, "\(genomes.error)")
            let cost = try nasd("cost", "\(name).yaml", "--genome", try #require(genome.first))
            #expect(cost.output.contains("7664760") && cost.output.contains("566170656"), "\(cost.output)\(cost.error)")
            // What is wrong is told, with its place.
            let unknown = try nasd("convert", "ofa_mbv9")
            #expect(unknown.code == 2 && unknown.error.contains("expected a name of once-for-all"), "\(unknown.error)")
            let missing = try nasd("convert", "nowhere.yaml")
            #expect(missing.code == 3, "\(missing.error)")
            try Files.write(Array("SEARCH_SPACE: {DEPTH: [2]}\n".utf8), directory + "/af.yaml")
            let partial = try nasd("convert", "af.yaml")
            #expect(partial.code == 2 && partial.error.contains("af.yaml:1:"), "\(partial.error)")
        }
    }
}
