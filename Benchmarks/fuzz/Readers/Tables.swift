@testable import Datasets

extension Format {
    /// CSV as a table that networks learn from, as records of results, and JSON as such records.
    static let tables = Format(name: "tables") { bytes in
        let name = "table.csv"
        _ = Scratch.place(bytes, name)
        let folder = DataFolder(Scratch.folder)
        if bytes.first == UInt8(ascii: "{") {
            let source = RecordSource(json: name)
            _ = attempt({ try source.memoryBytes(texts: [], numbers: [], in: folder) })
            _ = attempt({
                try source.read(texts: [], numbers: [.init("value", key: "k"), .init("a", key: "k")], in: folder)
            })
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
                guard let layout = attempt({ try source.layout(in: folder, holdOut: holdOut) }),
                    layout.memoryBytes < 1 << 26
                else { continue }
                _ = attempt({ try source.load(in: folder, layout: layout, holdOut: holdOut, seed: 1) })
            }
        }
        let records = RecordSource(csv: [name, name], join: .column(.init("a", key: "k")), missing: ["?"])
        _ = attempt({
            try records.memoryBytes(texts: [.init("a", key: "k")], numbers: [.init("y", key: "k")], in: folder)
        })
        _ = attempt({
            try records.read(
                texts: [.init("a", key: "k")], numbers: [.init("y", key: "k"), .init("b", key: "k")], in: folder)
        })
        _ = attempt({
            try DataLook.find(
                at: "\(Scratch.folder)/\(name)", seed: 1,
                table: .init(target: nil, missing: ["?"], missingNumbers: ["NA"]))
        })
    }
}
