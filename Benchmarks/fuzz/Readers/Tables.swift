@testable import Coordinator
@testable import Datasets
@testable import Runs
@testable import SearchSpaces

extension Format {
    /// CSV as a table that networks learn from, as records of results, and JSON as such records.
    static let tables = Format(name: "tables") { bytes in
        let name = "table.csv"
        _ = Scratch.place(bytes, name)
        let folder = DataFolder(Scratch.folder)
        if bytes.first == UInt8(ascii: "{") {
            let source = RecordSource(json: name)
            _ = try? source.memoryBytes(texts: [], numbers: [], in: folder)
            _ = try? source.read(texts: [], numbers: [.init("value", key: "k"), .init("a", key: "k")], in: folder)
            return
        }
        for hasHeader in [true, false] {
            for kind in [TargetKind.classes, .numbers] {
                let source = TableSource(
                    train: [name], test: .share(0.25),
                    columns: .init(
                        target: hasHeader ? "y" : "c2", kind: kind, hasHeader: hasHeader,
                        categorical: hasHeader ? ["a"] : [], missing: ["?"], missingNumbers: ["NA"]))
                let holdOut = HoldOut(validation: 1)
                guard let layout = try? source.layout(in: folder, holdOut: holdOut), layout.memoryBytes < 1 << 26
                else { continue }
                _ = try? source.load(in: folder, layout: layout, holdOut: holdOut, seed: 1)
            }
        }
        let records = RecordSource(csv: [name, name], join: .column(.init("a", key: "k")), missing: ["?"])
        _ = try? records.memoryBytes(texts: [.init("a", key: "k")], numbers: [.init("y", key: "k")], in: folder)
        _ = try? records.read(
            texts: [.init("a", key: "k")], numbers: [.init("y", key: "k"), .init("b", key: "k")], in: folder)
        _ = try? DataLook.find(
            at: "\(Scratch.folder)/\(name)", seed: 1,
            table: .init(target: nil, missing: ["?"], missingNumbers: ["NA"]))
    }

    /// Latency files and tables of blocks, CSV and YAML.
    static let latencies = Format(name: "latencies") { bytes in
        let folder = DataFolder(Scratch.folder), isTable = bytes.starts(with: "genome".utf8) || bytes.contains(0x2C)
        if isTable, bytes.first != UInt8(ascii: "b") {
            let name = "latencies.csv"
            _ = Scratch.place(bytes, name)
            guard let file = try? LatencyFile(name, of: latencySpace, in: folder) else { return }
            _ = (file.milliseconds, file.drift, file.devices, try? file.only(nil))
            guard let source = source("{kind: predicted, file: latencies.csv}"),
                let known = try? KnownLatencies(source, of: latencySpace, in: folder)
            else { return }
            for genome in [latencySpace.smallest, latencySpace.largest] { _ = known.milliseconds(of: genome) }
            return
        }
        let name = bytes.first == UInt8(ascii: "b") ? "blocks.csv" : "blocks.yaml"
        _ = Scratch.place(bytes, name)
        guard let source = source("{kind: table, file: \(name), blocks: [stem, \"d{depth}\", \"e{expansion.0}\"]}"),
            let known = try? KnownLatencies(source, of: latencySpace, in: folder)
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
