import Foundation
import TestSupport
import Testing

/// `nasd cost` as a user types it.
@Suite struct CostTests {
    private func nasd(_ arguments: String...) throws -> (code: Int32, out: String, err: String) {
        let result = try Program(arguments).wait()
        return (result.code, result.output, result.error)
    }

    @Test func costsOfOneArchitecture() throws {
        let result = try nasd(
            "cost", "mlp-letter", "--genome", "width=64;depth=2;expansion=1,2", "--genome", "smallest")
        // Stem 64 17, head 26 65, norm 128; blocks 128 + m 65 + 64 (m + 1) for m = 64, 128: by hand 28058.
        #expect(result.code == 0 && result.err.isEmpty)
        let lines = result.out.split(separator: "\n").map(String.init)
        #expect(lines[0] == "genome           width=64;depth=2;expansion=1,2")
        #expect(lines[1] == "params           28058")
        #expect(lines[2] == "multiplyAdds     27264")
        #expect(lines[3] == "activationBytes  1024")
        #expect(lines.count == 8)
    }

    @Test func costsOfATable() throws {
        let table = "width,depth,expansion,other\r\n64,2,1;2,x\r\n192,4,3;3;3;3,y\r\n64,2,1;2;3;3,z\r\n"
        try withDirectory { folder in
            try Files.write(Array(table.utf8), folder + "/g.csv")
            let result = try nasd("cost", "mlp-letter", "--genomes", folder + "/g.csv")
            let lines = result.out.split(separator: "\n").map(String.init)
            #expect(result.code == 0 && lines.count == 4 && lines[0] == "genome,params,multiplyAdds,activationBytes")
            // A list of every block is cut at the depth.
            #expect(lines[1] == lines[3] && lines[1].hasPrefix("\"width=64;depth=2;expansion=1,2\","))
        }
    }

    @Test(arguments: [
        ("mlp-letter", "width=65;depth=2;expansion=1,2", "expected width to be one of 64, 96, 128, 192, found '65'"),
        ("mlp-letter", "width=64;depth=2;expansion=1", "expected 2 values of expansion, found 1"),
        ("vit-none", "smallest", "no search space 'vit-none'"),
    ])
    func whatIsNoArchitecture(space: String, genome: String, message: String) throws {
        let result = try nasd("cost", space, "--genome", genome)
        #expect(result.code != 0 && result.err.contains(message) && result.out.isEmpty, "\(result.err)")
    }

    /// No architectures have no costs; an empty file is no table.
    @Test func aHeaderAlone() throws {
        try withDirectory { folder in
            let file = folder + "/g.csv"
            try Files.write(Files.gzip(Array("width,depth,expansion\n".utf8)), file + ".gz")
            let result = try nasd("cost", "mlp-letter", "--genomes", file)
            #expect(result.code == 0 && result.out == "genome,params,multiplyAdds,activationBytes\n", "\(result.err)")
            try Files.write([], file)
            let refused = try nasd("cost", "mlp-letter", "--genomes", file)
            #expect(refused.code == 2 && refused.out.isEmpty && refused.err.contains("holds no"), "\(refused.err)")
        }
    }

    /// What is wrong has its line, and nothing is printed before it.
    @Test(arguments: [
        ("width,depth,expansion\n64,2,1;2\n64,2,9;2\n", "g.csv:3: expected expansion to be one of", "found '9'"),
        ("width,depth,expansion\n64,2,1;2\n64,3,1;2\n", "g.csv:3: expected 3 values of expansion, found 2", ""),
        ("depth,expansion\n2,1;2\n", "g.csv:2: there is no column 'width'\n", ""),
        ("width,depth\n64,2\n", "g.csv:2: there is no column 'expansion' or 'expansion.0'\n", ""),
        ("genome\nwidth=64\n", "g.csv:2: genome 'width=64': expected", ""),
        ("width;depth;expansion\n64;2;1,2\n", "g.csv:1: no column is called", "between semicolons: put commas there"),
        ("a,b\n1,2\n", "g.csv:1: no column is called as a decision of the space", "there are 'a', 'b'\n"),
    ])
    func aRowThatIsNoneHasItsLine(text: String, message: String, end: String) throws {
        try withDirectory { folder in
            try Files.write(Array(text.utf8), folder + "/g.csv")
            let result = try nasd("cost", "mlp-letter", "--genomes", folder + "/g.csv")
            #expect(result.code == 2 && result.out.isEmpty)
            #expect(result.err.contains(message) && (end.isEmpty || result.err.contains(end)), "\(result.err)")
        }
    }

    /// Columns of other names, with entries past the depth that count for nothing.
    @Test func columnsOfOtherNames() throws {
        let kernels = "3;3;3;5;3;3;5;5;5;3;3;3;3;5;5;7;5;3;5;3", ratios = "3;3;4;3;3;3;3;4;3;3;4;3;3;3;3;3;3;3;4;3"
        try withDirectory { folder in
            try Files.write(
                Array("ks,e,d,r,top1\n\(kernels),\(ratios),2;2;2;2;2,224,71\n".utf8), folder + "/g.csv")
            func cost(_ columns: String) throws -> (code: Int32, out: String, err: String) {
                try nasd("cost", "cnn-ofa-mbv3", "--genomes", folder + "/g.csv", "--columns", columns)
            }
            let result = try cost("ks=kernel,e=expand,d=depth,r=resolution")
            let lines = result.out.split(separator: "\n").map(String.init)
            #expect(result.code == 0 && lines.count == 2, "\(result.err)")
            #expect(lines.first == "genome,params,multiplyAdds,activationBytes,sramBytes,flashBytes")
            #expect(lines.last?.contains(",3423464,122972112,") == true, "\(lines)")
            for (columns, message) in [
                ("ks=kernels", "the space has no decision 'kernels'; there are resolution, depth, kernel, expand"),
                ("ks", "expected column=decision, such as ks=kernel, found 'ks'"),
                ("ks=kernel,e=kernel", "expected one column for kernel, found two"),
                ("k=kernel", "g.csv:1: there is no column 'k', which --columns names; there are 'ks', 'e', 'd', 'r'"),
            ] {
                let refused = try cost(columns)
                #expect(refused.code == 2 && refused.out.isEmpty && refused.err.contains(message), "\(refused.err)")
            }
        }
        let alone = try nasd("cost", "cnn-mnist", "--genome", "smallest", "--columns", "k=kernel")
        #expect(alone.code == 2 && alone.err.contains("--columns goes with --genomes"))
    }

    /// Networks that nobody computes yet have costs, and are refused where they would be trained.
    @Test func whatIsNotComputedIsNamed() throws {
        try withDirectory { folder in
            let space = """
                apiVersion: nasd/v1
                kind: SearchSpace
                name: wide-kernels
                family: cnn
                input: {height: 28, width: 28, channels: 1, classes: 10}
                resolution: [24, 28]
                stem: {width: 8}
                stages:
                  - {block: basic, width: [8, 16], depth: 1, kernel: [3, 5]}
                  - {width: [8, 16], depth: 1, kernel: 3, expand: 2, squeezeExcite: true}
                """
            let run = """
                apiVersion: nasd/v1
                kind: Run
                name: wide
                space: wide-kernels
                data: {format: glyphs}
                train: {steps: 10}
                """
            try Files.write(Array(space.utf8), folder + "/wide-kernels.yaml")
            try Files.write(Array(run.utf8), folder + "/run.yaml")
            for arguments in [
                ["validate", folder + "/run.yaml"], ["run", folder + "/run.yaml", "--output", folder + "/d"],
                ["bench", "--space", folder + "/wide-kernels.yaml"],
            ] {
                let result = try Program(arguments).wait()
                let missing = "does not compute: several kernels of block: basic"
                #expect(result.code == 2 && result.error.contains(missing), "\(result.error)")
                #expect(result.error.contains("wide-kernels") && !result.error.contains("resolution"))
            }
        }
        let peer = try nasd("validate", Repository.root.appending(path: "SearchSpaces/cnn-mnist.yaml").path)
        #expect(
            peer.out.contains("  kernel: 3, 5  (each of 8 blocks)\n")
                && peer.out.contains("  width.0: 16, 24\n  width.1: 24, 32, 40\n  width.2: 48, 64, 80\n"), "\(peer.out)"
        )
    }
}
