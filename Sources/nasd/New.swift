internal import API
internal import ArgumentParser
internal import Coordinator
internal import Datasets
internal import Documents
internal import Foundation
internal import Runs
internal import Store
internal import Tensors
internal import Training
internal import UserFiles

/// `nasd new NAME --data PATH`: a space file and a run file for data that somebody has.
struct New: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a space and a run file that fit your data and this machine.",
        discussion: """
            Looks at the data: a folder of pictures (PNG, JPEG) with a folder for each class, with train/ and test/ or without; \
            CIFAR-10 or CIFAR-100 records; IDX; .npy or .npz arrays; a table (.csv). Trains for some seconds to learn how fast \
            this machine is, and writes NAME.yaml and NAME-space.yaml, explained line by line. Then: nasd run NAME.yaml

            Example: nasd new flowers --data ~/pictures/flowers
            """)

    @Argument(help: "The name of the run, after which the files are called.")
    var name: String
    @Option(help: "The folder, or the file, of the data.", transform: PathText.checked)
    var data: String
    @Option(help: "How long the run is to take on this machine, about, in minutes.")
    var minutes = 10.0
    @Option(help: "The column of a table that is to be told; default one that is called so, or the last.")
    var target: String?
    @Option(help: "The seed of the run.")
    var seed = 1
    @OptionGroup var threads: WorkerArguments

    func validate() throws {
        guard PlainName.isOne(StartingFiles.spaceName(of: name)), PlainName.isOne(name) else {
            throw ValidationError("expected \(PlainName.expectation) as the name, found '\(name)'")
        }
        guard minutes > 0, minutes <= 100_000 else {
            throw ValidationError("expected --minutes above 0 and at most 100000, found \(minutes)")
        }
        guard seed >= 0 else { throw ValidationError("expected --seed of at least 0, found \(seed)") }
    }

    func run() throws {
        try Failure.catching {
            let files = (run: "\(name).yaml", space: "\(StartingFiles.spaceName(of: name)).yaml")
            for file in [files.run, files.space] where FileManager.default.fileExists(atPath: file) {
                throw Failure(
                    code: .conflict, message: "error: \(file) is there already; take another name, or remove it")
            }
            let look = try DataLook.find(
                at: data, seed: UInt64(seed),
                table: .init(
                    target: target, missing: CSVSettings.usualMissing, missingNumbers: CSVSettings.usualMissingNumbers))
            for remark in look.remarks { Output.tell("data: \(remark)") }
            let kernels = try Kernels()
            Output.tell("measuring how fast this machine trains")
            let directory = RunFile.usualDirectory(name) ?? name
            let display = ProgressDisplay()
            defer { display.finish() }
            let starting = try StartingFiles(
                name, for: look, seed: seed, minutes: minutes, cache: DataDirectory.cacheDirectory(of: directory),
                pool: try threads.pool(kernels), kernels: kernels, watch: display.watch)
            display.finish()
            for warning in starting.warnings { Output.tell("warning: \(warning)") }
            try write(starting.space, files.space)
            try write(starting.run, files.run)
            Output.line("\(files.space)  the networks to choose from")
            Output.line(
                "\(files.run)  \(starting.steps) steps on \(starting.trained) examples, then a search: about "
                    + "\(ProgressDisplay.duration(starting.seconds)) on this machine")
            Output.line("next: \(TerminalText.command(["nasd", "run", files.run]))")
        }
    }

    private func write(_ text: String, _ path: String) throws {
        let file = try OutputFile(path: path)
        try file.write(Array(text.utf8))
        try file.commit()
    }
}
