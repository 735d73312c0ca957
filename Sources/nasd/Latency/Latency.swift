internal import API
internal import ArgumentParser
internal import Coordinator
internal import Documents
internal import Foundation
internal import Runs
internal import SearchSpaces
internal import UserFiles

/// `nasd latency`: what architectures take on a device: measured, kept, predicted.
struct Latency: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure latencies of architectures on this machine, and learn to predict them.",
        discussion: """
            A latency file is CSV: genome, milliseconds and device are all that it must have, so that it can come from any \
            device. A run takes it by latency: {kind: predicted, file: FILE}.
            """,
        subcommands: [LatencyCollect.self, LatencyFit.self, LatencyShow.self, LatencyLookUp.self])

    /// The space of a name or a path, or that of a run file.
    ///
    /// - Returns: The space with the name under which it is found again.
    static func space(of argument: String) throws -> (space: SearchSpace, name: String) {
        let catalog = SpaceCatalog(directories: SpaceFolders.all())
        guard argument.contains("/") || argument.hasSuffix(".yaml") || argument.hasSuffix(".yml") else {
            return (try catalog.space(named: argument), argument)
        }
        let path = URL(fileURLWithPath: argument).standardizedFileURL.path
        let text = try UserText.read(argument)
        let entries = (try? FileOutline(yaml: text, file: argument))?.entries ?? []
        guard entries.contains(where: { $0.path == "kind" && $0.text == "Run" }) else {
            return (try catalog.space(named: argument), path)
        }
        let run = try RunSpecification.parse(yaml: text, file: argument)
        let space = try SpaceCatalog(directories: SpaceFolders.all(runFile: argument))
            .space(named: run.space, runFile: argument)
        return (space, path)
    }

    /// A number with four digits.
    static func text(_ value: Double) -> String { String(format: "%.4g", value) }
}
