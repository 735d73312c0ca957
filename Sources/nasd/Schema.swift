internal import ArgumentParser
internal import Coordinator
internal import Runs
internal import SearchSpaces

/// `nasd schema space|run|worker`: the JSON Schema of a document.
struct Schema: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the JSON Schema of a document, for editors and other programs.",
        discussion: """
            space and run: files of users, with every key, what it means, its default and its bounds. worker: messages of \
            nasd-worker/1. Where keys depend on each other in other ways than by a word (a kind, a format, a family), the schema \
            allows all; nasd validate knows the rest.

            Example: nasd schema run > nasd-run.schema.json, and in a run file the first line
            # yaml-language-server: $schema=nasd-run.schema.json
            """)

    enum Document: String, ExpressibleByArgument, CaseIterable {
        case space
        case run
        case worker
    }

    @Argument(help: "The document: space, run or worker.")
    var document: Document

    func run() throws {
        try Failure.catching {
            let text =
                switch document {
                case .space: SearchSpace.jsonSchema
                case .run: RunSpecification.jsonSchema
                case .worker: WorkerSchema.json
                }
            for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
                Output.line(String(line))
            }
        }
    }
}
