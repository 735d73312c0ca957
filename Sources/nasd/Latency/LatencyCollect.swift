internal import API
internal import ArgumentParser
internal import Coordinator
internal import Foundation
internal import SearchSpaces
internal import Tensors
internal import UserFiles

/// `nasd latency collect SPACE`: measures architectures on this machine.
struct LatencyCollect: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "collect", abstract: "Measure the latency of architectures of a space on this machine.",
        discussion: """
            Times the forward pass of each network alone, with weights as training begins with them, on threads that stay on \
            their processors, in turns with a reference, after warm-ups; drops the lowest and the highest tenth, and keeps the \
            median, its median absolute deviation, the ratio to the reference and what the device is. The architectures are the \
            smallest, the largest, and others drawn from the whole space and over the whole range of multiply-adds in turn; or \
            those of --subnets. What the file has is not measured again: the same command goes on, with a larger --count too.
            """)

    @Argument(
        help: "The name of a space, the path of its file, or a run file whose space it is.", transform: PathText.checked
    )
    var space: String
    @Option(help: "Architectures, the smallest and the largest among them.")
    var count = 100
    @Option(help: "The seed of the draws.")
    var seed = 0
    @Option(help: "A file with a genome in each line, in place of draws.", transform: PathText.checked)
    var subnets: String?
    @Option(help: "The latency file; default NAME-latency.csv.", transform: PathText.checked)
    var output: String?
    @Option(help: "Examples of a forward pass.")
    var batch = 1
    @Option(help: "Threads that share out the examples, each on a processor of its own.")
    var threads = 1
    @Option(help: "How often network and reference take turns, 4 timed passes each.")
    var turns = 25
    @Option(help: "Passes before anything counts.")
    var warmUps = 10
    @Option(
        help: """
            The architecture that all are compared with, as in results.csv, or largest or smallest; default one of middling \
            multiply-adds.
            """)
    var reference: String?
    @Flag(help: "Add to a file of another device.")
    var allowDeviceChange = false

    func validate() throws {
        guard (1...1_000_000).contains(count), seed >= 0, (1...100_000).contains(turns) else {
            throw ValidationError("--count is from 1 to 1000000, --seed at least 0, --turns from 1 to 100000")
        }
        guard (10...100_000).contains(warmUps), (1...65_536).contains(batch), (1...batch).contains(threads) else {
            throw ValidationError(
                "--warm-ups is from 10 to 100000, --batch from 1 to 65536, --threads from 1 to the examples of the batch"
            )
        }
    }

    func run() throws {
        try Failure.catching {
            let (space, name) = try Latency.space(of: space)
            let settings = LatencySettings(batch: batch, threads: threads, turns: turns, warmUps: warmUps)
            let meter = try LatencyMeter(
                space, settings: settings, reference: reference.map(space.genome(named:)), kernels: Kernels())
            let path = output ?? "\(space.name)-latency.csv"
            var collection = try LatencyCollection(
                meter, of: space, called: name, to: path, allowsDeviceChange: allowDeviceChange)
            let genomes =
                try subnets.map { try GenomeList.read($0, genome: space.genome(named:)) }
                ?? LatencySample.genomes(of: space, count: count, seed: seed)
            if subnets == nil, genomes.count < count {
                Output.tell("note: the space has \(genomes.count) architectures that draws find, not \(count)")
            }
            Output.tell("device     \(meter.device)")
            Output.tell("reference  \(space.text(of: meter.reference))")
            var shown = ContinuousClock.now
            let all = Set(genomes.map(space.canonical)).count
            _ = try collection.measure(
                genomes,
                progress: { done, record in
                    guard shown.duration(to: .now) > .seconds(5) || done == all else { return }
                    shown = .now
                    Output.tell(
                        "\(done)/\(all)  \(Latency.text(record.milliseconds)) ms  \(space.text(of: record.genome))")
                })
            LatencyShow.print(collection.own, of: space)
            Output.line("file       \(path)")
        }
    }
}
