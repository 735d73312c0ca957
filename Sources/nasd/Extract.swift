internal import ArgumentParser
internal import Coordinator
internal import SearchSpaces
internal import Supernets
internal import UserFiles

/// `nasd extract FILE`: any subnet of a run's trained supernet as a network file.
struct Extract: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Cut a subnet out of a run's trained supernet.",
        discussion: """
            Takes the newest checkpoint, also of a live run. The file is safetensors with the architecture in its \
            metadata; nasd evaluate measures it, and Deploy/examples/load_in_pytorch.py in PyTorch, tables with texts or missing \
            values where the file says which inputs these become.
            """)

    @OptionGroup var trained: TrainedRun
    @Option(help: "largest, smallest, or a genome as in results.csv.")
    var genome = "largest"
    @OptionGroup var norms: NormArguments
    @Option(help: "The file to write, complete or not at all.", transform: PathText.checked)
    var output: String

    func run() throws {
        try Failure.catching {
            let network = try trained.load()
            let model = try network.extract(try network.genome(genome), keepsNorms: norms.keepNorms)
            let file = try OutputFile(path: output)
            try model.save(file)
            for line in ["step          \(network.step)"] + model.description.printed {
                Output.line(line, beside: file)
            }
        }
    }
}

/// What becomes of batch norms in a network file.
struct NormArguments: ParsableArguments {
    @Flag(
        help:
            "Keep batch norms with their statistics, so that the network can be trained on, rather than fold them into the layers before them."
    )
    var keepNorms = false
}
