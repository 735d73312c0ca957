@testable import Coordinator
@testable import Datasets
@testable import Runs
@testable import SearchSpaces

extension Format {
    /// Latency files and tables of blocks, CSV and YAML.
    static let latencies = Format(name: "latencies") { bytes in
        let folder = DataFolder(Scratch.folder)
        if let first = bytes.first, !"bs".utf8.contains(first) {
            let name = "latencies.csv"
            _ = Scratch.place(bytes, name)
            guard let file = attempt({ try LatencyFile(name, of: latencySpace, in: folder) }) else { return }
            _ = (file.milliseconds, file.drift, file.devices, attempt({ try file.only(nil) }))
            guard let source = source("{kind: predicted, file: latencies.csv}"),
                let known = attempt({ try KnownLatencies(source, of: latencySpace, in: folder) })
            else { return }
            for genome in [latencySpace.smallest, latencySpace.largest] { _ = known.milliseconds(of: genome) }
            return
        }
        let name = bytes.first == UInt8(ascii: "b") ? "blocks.csv" : "blocks.yaml"
        _ = Scratch.place(bytes, name)
        guard let source = source("{kind: table, file: \(name), blocks: [stem, \"d{depth}\", \"e{expansion.0}\"]}"),
            let known = attempt({ try KnownLatencies(source, of: latencySpace, in: folder) })
        else { return }
        for genome in [latencySpace.smallest, latencySpace.largest] { _ = known.milliseconds(of: genome) }
    }

    private static func source(_ section: String) -> LatencySource? {
        let text = """
            apiVersion: nasd/v1
            kind: Run
            name: r
            space: s
            data: {format: csv, train: {files: [a.csv]}, test: {share: 0.2}, target: y}
            train: {steps: 1}
            search: {objectives: [{metric: accuracy}, {metric: latencyMilliseconds}], population: 4, evaluations: 8}
            latency: \(section)
            """
        do {
            return try RunSpecification.parse(yaml: text, file: "fuzz").latency
        } catch {
            fatalError("\(error)")
        }
    }

    private static let latencySpace: SearchSpace = {
        let text = """
            apiVersion: nasd/v1
            kind: SearchSpace
            name: s
            family: mlp
            input: {features: 4, classes: 2}
            choices: {width: [64, 128], depth: [1, 2], expansion: [1, 2]}
            """
        do {
            return try SearchSpace.parse(yaml: text, file: "fuzz")
        } catch {
            fatalError("\(error)")
        }
    }()
}
