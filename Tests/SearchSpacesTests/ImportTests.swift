import Documents
import Foundation
import SearchSpaces
import TestSupport
import Testing

/// Spaces and architectures of other projects.
@Suite struct ImportTests {
    private static func shipped(_ name: String) throws -> SearchSpace {
        let file = Repository.root.appending(path: "SearchSpaces/\(name).yaml")
        return try SearchSpace.parse(yaml: String(contentsOf: file, encoding: .utf8), file: name)
    }

    // MARK: once-for-all

    @Test(arguments: [
        ("ofa_mbv3_d234_e346_k357_w1.0", "cnn-ofa-mbv3"), ("ofa_mbv3", "cnn-ofa-mbv3"),
        ("ofa_proxyless_d234_e346_k357_w1.3", "cnn-ofa-proxyless"),
        ("ofa_resnet50_d=0+1+2_e=0.2+0.25+0.35_w=0.65+0.8+1.0", "cnn-ofa-resnet50"),
        ("ofa_resnet50", "cnn-ofa-resnet50"),
    ]) func namesAreTheShippedSpaces(name: String, shipped: String) throws {
        let imported = try ImportedSpace(name: name, as: nil), expected = try Self.shipped(shipped)
        #expect(imported.space.fingerprint == expected.fingerprint)
        #expect(imported.space.canonicalGenomeCountText == expected.canonicalGenomeCountText)
        #expect(PlainName.isOne(imported.space.name) && !imported.remarks.isEmpty)
        #expect(try SearchSpace.parse(yaml: imported.yaml, file: "x") == imported.space)
    }

    /// Published counts at 224 pixels.
    @Test func widerMobileNets() throws {
        let space = try ImportedSpace(name: "ofa_mbv3_d234_e346_k357_w1.2", as: "wide").space
        #expect(space.name == "wide")
        #expect(space.cost(of: space.largest).values.prefix(2) == [10_701_632, 843_101_040])
        var smallest = space.smallest
        smallest.choices[0] = space.largest.choices[0]
        #expect(space.cost(of: smallest).values.prefix(2) == [4_602_456, 193_078_200])
    }

    @Test(.enabled(if: Repository.testData != nil, "set NASD_TEST_DATA to the folder of test data"))
    func publishedRowsAsItsGenomes() throws {
        let folder = try #require(Repository.testData)
        let imported = try ImportedSpace(name: "ofa_mbv3_d234_e346_k357_w1.0", as: nil), space = imported.space
        let rows = try String(
            contentsOf: folder.appending(path: "ofa-mbv3-oracle/ofa_mbv3_oracle.csv"), encoding: .utf8
        )
        .split(whereSeparator: \.isNewline).dropFirst().map { $0.split(separator: ",").map(String.init) }
        func list(_ text: String) -> String { "[\(text.replacing(";", with: ", "))]" }
        let json = rows.map {
            "{\"wid\": null, \"ks\": \(list($0[0])), \"e\": \(list($0[1])), \"d\": \(list($0[2])), \"r\": [\($0[3])]}"
        }
        let genomes = try imported.genomes(yaml: "[\(json.joined(separator: ",\n"))]", file: "rows.json")
        #expect(genomes.count == 40)
        for (genome, row) in zip(genomes, rows) {
            #expect(space.cost(of: genome).values.prefix(2).map(String.init) == Array(row[4...5]), "\(row)")
        }
    }

    @Test func oneNumberStandsForAll() throws {
        let imported = try ImportedSpace(name: "ofa_mbv3", as: nil)
        let found = try imported.genomes(yaml: "{ks: 7, e: 6, d: 4, r: 224}", file: "x")
        #expect(found == [imported.space.largest])
        let proxyless = try ImportedSpace(name: "ofa_proxyless", as: nil)
        // Twenty numbers leave the last block as it is in the largest network.
        let twenty = "[\([String](repeating: "3", count: 20).joined(separator: ", "))]"
        let genome = try #require(
            try proxyless.genomes(yaml: "{ks: \(twenty), e: \(twenty), d: [2, 2, 2, 2, 2], r: [128]}", file: "x").first)
        let text = proxyless.space.text(of: genome)
        #expect(
            text.contains("kernel=3,3,3,3,3,3,3,3,3,3,7;") || text.hasSuffix("kernel=3,3,3,3,3,3,3,3,3,3,7"), "\(text)")
    }

    /// The middle convolution of the stem is there for the last number alone; widths are counted.
    @Test func residualGenomes() throws {
        let imported = try ImportedSpace(name: "ofa_resnet50", as: nil), space = imported.space
        let largest = "{d: [2, 2, 2, 2, 2], e: 0.35, w: [2, 2, 2, 2, 2, 2], r: 224}"
        #expect(try imported.genomes(yaml: largest, file: "x") == [space.largest])
        let smallest = try imported.genomes(
            yaml: "[{d: [1, 0, 0, 0, 0], e: 0.2, w: [0, 0, 0, 0, 0, 0], r: 128}]", file: "x")
        #expect(smallest == [space.smallest])
    }

    @Test(arguments: [
        ("ofa_mbv4_d234", "expected a name of once-for-all"), ("ofa", "expected a name of once-for-all"),
        ("ofa_mbv3_d234_q3", "found 'q3'"), ("ofa_mbv3_d234_d2", "found 'd2'"), ("ofa_mbv3_dx", "behind 'd'"),
        ("ofa_mbv3_w1.0+1.2", "expected one width"), ("resnet50", "or a YAML file of AutoFormer"),
    ]) func wrongNames(name: String, said: String) {
        #expect {
            try ImportedSpace(name: name, as: nil)
        } throws: { "\($0)".contains(said) || "\($0)".contains("once-for-all") && name == "resnet50" }
    }

    @Test(arguments: [
        ("{ks: 7, e: 6, d: 4, r: 100}", "resolution"), ("{ks: [7], e: 6, d: 4}", "expected 20 numbers, found 1"),
        ("{ks: 7, e: 6}", "expected a number"), ("{ks: 7, e: 6, d: 4, w: 1}", "found 'w'"),
        ("{ks: 9, e: 6, d: 4}", "kernel"), ("{ks: 7, e: 6, d: 4, wid: 2}", "expected null"),
    ]) func wrongGenomes(text: String, said: String) throws {
        let imported = try ImportedSpace(name: "ofa_mbv3", as: nil)
        #expect {
            try imported.genomes(yaml: text, file: "x")
        } throws: { "\($0)".contains(said) }
    }

    // MARK: AutoFormer

    private static let tiny = """
        SUPERNET:
          MLP_RATIO: 4.0
          NUM_HEADS: 4
          EMBED_DIM: 256
          DEPTH: 14
        SEARCH_SPACE:
          MLP_RATIO:
            - 3.5
            - 4.0
          NUM_HEADS: [3, 4]
          DEPTH: [12, 13, 14]
          EMBED_DIM: [192, 216, 240]

        """

    @Test func filesAreTheShippedSpaces() throws {
        let imported = try ImportedSpace(yaml: Self.tiny, file: "supernet-T.yaml", as: "tiny")
        let expected = try Self.shipped("vit-autoformer-tiny")
        #expect(imported.space.fingerprint == expected.fingerprint && imported.space.name == "tiny")
        #expect(imported.space.canonicalGenomeCountText == expected.canonicalGenomeCountText)
        #expect(imported.remarks.contains { $0.contains("SUPERNET.EMBED_DIM is 256, and the greatest option 240") })
        #expect(try imported.genomes().isEmpty)
    }

    @Test func chosenNetworks() throws {
        let heads = "[\([String](repeating: "3", count: 12).joined(separator: ", "))]"
        let ratios = "[\([String](repeating: "3.5", count: 12).joined(separator: ", "))]"
        let chosen = "RETRAIN: {MLP_RATIO: \(ratios), NUM_HEADS: \(heads), DEPTH: 12, EMBED_DIM: 192}\n"
        let imported = try ImportedSpace(yaml: Self.tiny + chosen, file: "T.yaml", as: "tiny")
        #expect(try imported.genomes() == [imported.space.smallest])
        let widths = "[\([String](repeating: "192", count: 12).joined(separator: ", "))]"
        let logged = "{layer_num: 12, num_heads: \(heads), mlp_ratio: \(ratios), embed_dim: \(widths)}"
        #expect(try imported.genomes(yaml: logged, file: "x") == [imported.space.smallest])
    }

    @Test func wrongFiles() {
        for (text, said) in [
            ("a: 1\n", "expected a YAML file of AutoFormer"), (Self.tiny + "DROP_PATH: 0.1\n", "found 'DROP_PATH'"),
            (Self.tiny.replacing("DEPTH: [12, 13, 14]", with: "DEPTH: [14, 12]"), "ascending"),
            (Self.tiny.replacing("[192, 216, 240]", with: "[193, 216]"), "whole"), ("[1]\n", "expected a mapping"),
        ] {
            #expect {
                try ImportedSpace(yaml: text, file: "x.yaml", as: "x")
            } throws: { "\($0)".contains(said) }
        }
    }
}
