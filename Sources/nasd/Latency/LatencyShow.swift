internal import API
internal import ArgumentParser
internal import Coordinator
internal import Datasets
internal import Foundation
internal import SearchSpaces
internal import UserFiles

/// The arguments that name a latency file and the space of its architectures.
struct LatencyArguments: ParsableArguments {
    @Argument(help: "A latency file.", transform: PathText.checked)
    var file: String
    @Option(
        help: "The name of the space, the path of its file, or a run file; default what the file says.",
        transform: PathText.checked)
    var space: String?
    @Option(help: "The device whose records are meant, where the file has several.")
    var device: String?

    /// Reads the file, of all devices, and its space.
    func read() throws -> (file: LatencyFile, space: SearchSpace) {
        guard FileManager.default.fileExists(atPath: file) else {
            throw Failure(code: .notFound, message: "error: \(file): there is no such file")
        }
        guard let name = try space ?? LatencyFile.spaceName(of: file) else {
            throw Failure(code: .usage, message: "error: \(file) names no space; name it with --space")
        }
        let space = try Latency.space(of: name).space
        return (try LatencyFile(file, of: space, in: DataFolder(".")), space)
    }
}

/// `nasd latency show FILE`: what a latency file has.
struct LatencyShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Tell what a latency file has, device by device.")

    @OptionGroup var latencies: LatencyArguments

    func run() throws {
        try Failure.catching {
            let (file, space) = try latencies.read()
            let devices = latencies.device.map { [$0] } ?? file.devices
            for (index, device) in devices.enumerated() {
                if index > 0 { Output.line() }
                Self.print(try file.only(device), of: space)
            }
        }
    }

    /// Tells of the records of one device.
    static func print(_ file: LatencyFile, of space: SearchSpace) {
        let values = zip(file.milliseconds, file.records).sorted { $0.0 < $1.0 }
        guard let least = values.first, let most = values.last else { return Output.line("records    0") }
        let device = file.devices.first ?? ""
        Output.line("device     \(device.isEmpty ? "not told" : device)")
        Output.line("space      \(space.name)")
        Output.line("records    \(values.count)")
        for (name, value) in [("fastest", least), ("median", values[values.count / 2]), ("slowest", most)] {
            Output.line(
                "\(name.padding(toLength: 9, withPad: " ", startingAt: 0))  \(Latency.text(value.0)) ms  "
                    + space.text(of: value.1.genome))
        }
        if let reference = file.referenceMilliseconds, let drift = file.drift {
            Output.line(
                "reference  \(Latency.text(reference)) ms  \(file.records.first?.comparison?.reference ?? "")")
            Output.line(
                "drift      the reference took \(percent(drift.lowerBound)) to \(percent(drift.upperBound)) of that, which the "
                    + "figures above are rid of")
        }
        let deviations = file.records.compactMap { record in record.deviation.map { $0 / record.milliseconds } }
        if !deviations.isEmpty {
            Output.line(
                "deviation  \(percent(deviations.sorted()[deviations.count / 2])) of a pass, the median absolute one")
        }
        let ratios = file.records.compactMap { record in
            record.comparison.flatMap { compared in compared.deviation.map { $0 / compared.ratio } }
        }
        if !ratios.isEmpty {
            Output.line("           \(percent(ratios.sorted()[ratios.count / 2])) of the ratio to the reference")
        }
        let disturbed = file.records.compactMap(\.disturbed)
        if !disturbed.isEmpty {
            Output.line(
                "disturbed  \(String(format: "%.1f", 100 * disturbed.reduce(0, +) / Double(disturbed.count))) % of all passes, "
                    + "during which a processor was taken away; they do not count")
        }
    }

    private static func percent(_ share: Double) -> String { String(format: "%+.2f %%", 100 * share) }
}
