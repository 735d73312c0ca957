internal import ArgumentParser
internal import Coordinator
internal import Foundation
internal import Runs
internal import SearchSpaces
internal import Supernets
internal import Tensors
internal import Training
internal import UserFiles

/// `nasd evaluate MODEL`: a network file measured on the test data of its run.
struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure a network file on test data.",
        discussion: "Prints what results.csv has for it: accuracy, or the errors of numbers.")

    @Argument(help: "A .safetensors file that a run left.", transform: PathText.checked)
    var model: String
    @Option(help: "The folder of the data; default the one of the run.", transform: PathText.checked)
    var data: String?
    @OptionGroup var threads: WorkerArguments
    @Option(
        help: "A .npy file for what the network answers to each test example, as its outputs are; nothing is measured.",
        transform: PathText.checked)
    var outputs: String?
    @Option(help: "With --outputs: how many test examples, the first ones.")
    var examples: Int?

    func validate() throws {
        guard examples.map({ $0 > 0 && outputs != nil }) ?? true else {
            throw ValidationError("--examples is above 0, and goes with --outputs")
        }
    }

    func run() throws {
        try Failure.catching {
            let network = try ExtractedModel(file: model)
            let kernels = try Kernels()
            if let outputs {
                let (rows, seconds) = try ModelEvaluation.outputs(
                    network, file: model, directory: data, most: examples ?? .max, kernels: kernels)
                try OutputFile.write(Self.array(rows), to: outputs)
                let milliseconds = 1000 * seconds / Double(max(1, rows.count))
                return Output.line("\(rows.count) examples, \(milliseconds) ms each on one thread")
            }
            let evaluation = try ModelEvaluation.test(
                network, file: model, directory: data, pool: try threads.pool(kernels), kernels: kernels
            ) { Output.tell("warning: \($0)") }
            if !network.isVerified {
                Output.tell("note: \(model) is unverified: an earlier version wrote it, without a digest")
            }
            func line(_ name: String, _ value: some CustomStringConvertible) {
                Output.line(name.padding(toLength: max(14, name.count + 2), withPad: " ", startingAt: 0) + "\(value)")
            }
            line("genome", network.description.genome)
            line("params", network.description.params)
            line("multiplyAdds", network.description.multiplyAdds)
            line("samples", evaluation.samples)
            line("loss", evaluation[.loss])
            let qualities = try ModelEvaluation.task(of: network, file: model)?.metrics.filter { $0 != .loss } ?? []
            for metric in qualities { line(MeasurementStage.test.name(of: metric), evaluation[metric]) }
            if let main = qualities.first,
                let measured = network.description.measured[MeasurementStage.test.name(of: main)],
                measured != evaluation[main]
            {
                let reason =
                    network.description.isFolded == true
                    ? "before norms were folded" : "this is other data, or another kind of processor"
                Output.line("note: the run measured \(measured); \(reason)")
            }
        }
    }

    /// Rows as NumPy keeps an array of 32 bits: a header that ends at a multiple of 64 bytes, then the values row by row.
    private static func array(_ rows: [[Float]]) -> [UInt8] {
        let shape = "(\(rows.count), \(rows.first?.count ?? 0))"
        var header = "{'descr': '<f4', 'fortran_order': False, 'shape': \(shape), }"
        header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
        let size = UInt16(header.utf8.count)
        let values = rows.joined().flatMap { value in
            (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
        }
        return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(size & 255), UInt8(size >> 8)] + Array(header.utf8) + values
    }
}
