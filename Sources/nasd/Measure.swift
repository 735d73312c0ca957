internal import API
internal import ArgumentParser
internal import Coordinator
internal import Foundation
internal import Runs
internal import SearchSpaces
internal import Store
internal import Training
internal import UserFiles

/// `nasd measure FILE`: the loss of given subnets on every held-out example, for comparisons of training methods.
struct Measure: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure subnets of a run on every validation or test example.",
        discussion: """
            Writes CSV: a row for each example, a column for each subnet, its loss on it: cross-entropy, or the squared \
            error of numbers. The subnets are a few of each bin of cost, the same for every run of one space, or those of a \
            file, each once. Prints the mean over the subnets of what the examples of each come to.
            """)

    @OptionGroup var trained: TrainedRun
    @Option(help: "A file with a genome in each line, as in results.csv, quoted or not.", transform: PathText.checked)
    var subnets: String?
    @Option(help: "Bins of multiply-adds to draw subnets from.")
    var bins = 6
    @Option(help: "Draws of each bin; what is drawn again is left out.")
    var perBin = 6
    @Flag(help: "On the test data instead of the validation examples.")
    var test = false
    @Option(help: "The file to write, complete or not at all.", transform: PathText.checked)
    var output: String
    @Option(
        help: "Another file, for 1 where a subnet classifies an example correctly and 0 where not; of classes alone.",
        transform: PathText.checked)
    var hits: String?

    func validate() throws {
        guard (1...256).contains(bins), (1...1000).contains(perBin) else {
            throw ValidationError("--bins is from 1 to 256, --per-bin from 1 to 1000")
        }
        guard hits != output else { throw ValidationError("--hits and --output name the same file") }
    }

    func run() throws {
        try Failure.catching {
            let network = try trained.load()
            let task = network.task
            guard hits == nil || task.hits(of: Tally()) != nil else {
                throw Failure(
                    code: .usage,
                    message:
                        "error: --hits: the task \(task.kind.name) has no answers that are right or wrong; leave it out"
                )
            }
            let genomes = distinct(
                try subnets.map { try GenomeList.read($0, genome: network.genome) } ?? drawn(network.space),
                network.space)
            let part = test ? EvaluationPart.test : .validation
            let scores = try network.examples(genomes, on: part, withHits: hits != nil)
            let losses = scores.map(\.losses)
            // Losses last: where that file is, the other one is too.
            if let hits {
                try write(scores.map(\.hits), of: genomes, in: network.space, to: hits)
            }
            try write(losses, of: genomes, in: network.space, to: output)
            let count = losses.first?.count ?? 0
            Output.line("\(genomes.count) subnets, \(count) \(part.rawValue) examples, step \(network.step)")
            let values = scores.map { task.values(of: $0.total) }
            for metric in [.loss] + task.kind.metrics.filter({ $0 != .loss }) {
                let mean = values.reduce(0) { $0 + ($1[metric] ?? .nan) } / Double(values.count)
                Output.line("mean \(metric)  \(mean)")
            }
        }
    }

    private func write(_ values: [[Double]], of genomes: [Genome], in space: SearchSpace, to path: String) throws {
        let csv = CSVWriter()
        let file = try OutputFile(path: path)
        try file.write(csv.record([.symbol("example")] + genomes.map { .symbol(space.text(of: $0)) }))
        for example in 0..<(values.first?.count ?? 0) {
            try file.write(csv.record([.integer(example)] + values.map { .number($0[example]) }))
        }
        try file.commit()
    }

    /// Each architecture once, since means would count it as often as it is named or drawn.
    private func distinct(_ genomes: [Genome], _ space: SearchSpace) -> [Genome] {
        var seen: Set<Genome> = []
        let distinct = genomes.filter { seen.insert(space.canonical($0)).inserted }
        if distinct.count < genomes.count {
            Output.tell("note: \(distinct.count) of the \(genomes.count) subnets are distinct, and measured once")
        }
        return distinct
    }

    private func drawn(_ space: SearchSpace) throws(Failure) -> [Genome] {
        guard let panel = SubnetPanel(space, bins: bins, perBin: perBin) else {
            throw Failure(
                code: .usage,
                message: "error: the space '\(space.name)' cannot be divided by multiplyAdds; name --subnets")
        }
        return panel.draws.map(\.genome)
    }
}
