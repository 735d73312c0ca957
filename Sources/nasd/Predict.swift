internal import API
internal import ArgumentParser
internal import Coordinator
internal import Foundation
internal import Supernets
internal import Tensors
internal import Training

/// `nasd predict MODEL IMAGE…`: what a network file sees in pictures.
struct Predict: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell what a network file sees in pictures.",
        discussion: """
            Prints a line for each picture (PNG or JPEG), turned, cut and scaled as those of its run: the file, and the most \
            probable classes with their probabilities, by their names where the data had names. A picture that cannot be read is \
            told on standard error, and the exit code is 1 when the others are done.

            Example: nasd predict nasd-runs/photos/runs/*/models/*.safetensors holiday.jpg
            """)

    @Argument(help: "A .safetensors file that a run left.", transform: PathText.checked)
    var model: String
    @Argument(help: "Pictures.", transform: PathText.checked)
    var images: [String]
    @Option(name: .customLong("top"), help: "How many classes of each picture.")
    var count = 3
    @OptionGroup var threads: WorkerArguments

    func validate() throws {
        guard count >= 1 else { throw ValidationError("expected --top of at least 1, found \(count)") }
        guard !images.isEmpty else { throw ValidationError("expected a picture at least") }
    }

    func run() throws {
        try Failure.catching {
            let network = try ExtractedModel(file: model)
            let kernels = try Kernels()
            let prediction = try ModelPrediction(
                network, file: model, of: images, count: count, pool: try threads.pool(kernels), kernels: kernels)
            if let warning = prediction.warning { Output.tell("warning: \(warning)") }
            for picture in prediction.pictures {
                let answers = picture.answers.map { answer in
                    "\(answer.name) \(String(format: "%.4f", answer.probability))"
                }
                Output.line("\(picture.path)  \(answers.joined(separator: "  "))")
            }
            guard !prediction.faults.isEmpty else { return }
            let faults = prediction.faults.map { "error: \($0)" }
            throw Failure(code: .failure, message: faults.joined(separator: "\n"))
        }
    }
}
