internal import API
internal import ArgumentParser
internal import Documents
internal import Foundation
internal import SearchSpaces
internal import UserFiles

/// `nasd convert SOURCE`: a space of another project as a space file, and its architectures as genomes.
struct Convert: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Convert spaces and architectures of AutoFormer and once-for-all.",
        discussion: """
            SOURCE is a YAML file of AutoFormer (SUPERNET, SEARCH_SPACE), or the name of a supernet of once-for-all. The space \
            file is printed, or written with --output; what is not as in the source is told. With --genomes, architectures as the \
            source's project writes them ({ks, e, d, r}; {EMBED_DIM, DEPTH, NUM_HEADS, MLP_RATIO}; YAML or JSON, one or a list) are \
            printed as genomes, one a line, as nasd cost --genome and search.seeds take them; a YAML file with the section RETRAIN \
            names its own.

            Example: nasd convert ofa_mbv3_d234_e346_k357_w1.2 --output ofa.yaml
            """)

    @Argument(
        help: "A YAML file of AutoFormer, or a name such as ofa_mbv3_d234_e346_k357_w1.2.", transform: PathText.checked)
    var source: String
    @Option(help: "What to call the space; by default after the source.")
    var name: String?
    @Option(help: "The space file to write, in place of printing it.", transform: PathText.checked)
    var output: String?
    @Option(
        help: ArgumentHelp("A file of architectures to print as genomes.", valueName: "file"),
        transform: PathText.checked)
    var genomes: String?

    func validate() throws {
        if let name, !PlainName.isOne(name) {
            throw ValidationError("expected \(PlainName.expectation) as --name, found '\(name)'")
        }
    }

    func run() throws {
        try Failure.catching {
            let imported = try imported()
            if let genomes {
                let found = try imported.genomes(yaml: UserText.read(genomes), file: UserText.name(of: genomes))
                for genome in found { Output.line(imported.space.text(of: genome)) }
                return
            }
            for remark in imported.remarks { Output.tell("note: \(remark)") }
            for genome in try imported.genomes() {
                Output.tell("note: its chosen network is \(imported.space.text(of: genome))")
            }
            guard let output else {
                for line in imported.yaml.split(separator: "\n") { Output.line(String(line)) }
                return
            }
            let file = try OutputFile(path: output)
            try file.write(Array(imported.yaml.utf8))
            try file.commit()
        }
    }

    /// A file where there is one, or where the source looks like one; a name otherwise.
    private func imported() throws -> ImportedSpace {
        let isFile = source == "-" || source.contains("/") || FileManager.default.fileExists(atPath: source)
        guard isFile || source.hasSuffix(".yaml") || source.hasSuffix(".yml") else {
            return try ImportedSpace(name: source, as: name)
        }
        let base = source.split(separator: "/").last.map { String($0).replacing(/\.ya?ml$/, with: "") } ?? "imported"
        return try ImportedSpace(
            yaml: UserText.read(source), file: UserText.name(of: source),
            as: name ?? PlainName.nearest(to: base) ?? "imported")
    }
}
