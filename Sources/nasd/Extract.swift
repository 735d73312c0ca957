internal import ArgumentParser
internal import Coordinator
internal import SearchSpaces

/// `nasd extract FILE`: any subnet of a run's trained supernet as a network file.
struct Extract: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Cut a subnet out of a run's trained supernet.",
        discussion: """
            Takes the newest checkpoint, also of a live run. The file is safetensors with the architecture in its \
            metadata; nasd evaluate measures it, and Deploy/examples/load_in_pytorch.py in PyTorch, tables with texts or missing \
            values where the file says which inputs these become. With --format onnx it is a graph that other runtimes compute, \
            held against what is computed here before it is left.
            """)

    @OptionGroup var trained: TrainedRun
    @Option(help: "largest, smallest, or a genome as in results.csv.")
    var genome = "largest"
    @OptionGroup var network: NetworkArguments
    @Option(
        help: "The file to write, complete or not at all; without it, what the network comes to is told alone.",
        transform: PathText.checked)
    var output: String?

    func run() throws {
        try Failure.catching {
            let run = try trained.load()
            let (lines, isPiped) = try network.write(try run.genome(genome), of: run, to: output)
            lines.forEach { isPiped ? Output.tell($0) : Output.line($0) }
        }
    }
}
