import TestSupport
import Testing

@testable import Datasets

/// Vectors in NumPy arrays.
@Suite struct VectorTests {
    private func load(
        _ files: [String: [UInt8]], _ kind: TargetKind, validation: Int = 0
    ) throws -> TableDataset {
        var data: TableDataset?
        try withDirectory { folder in
            for (name, bytes) in files { try Files.write(bytes, folder + "/" + name) }
            let source = VectorSource(
                train: .init(inputs: "x.npy", targets: "y.npy"), test: .init(inputs: "tx.npy", targets: "ty.npy"),
                kind: kind)
            let holdOut = HoldOut(validation: validation)
            let layout = try source.layout(in: DataFolder(folder), holdOut: holdOut)
            data = try source.load(in: DataFolder(folder), layout: layout, holdOut: holdOut, seed: 1)
        }
        return try #require(data)
    }

    private static func floats(_ values: [Float]) -> [UInt8] { Files.little(values.map(\.bitPattern)) }

    private static let labelled: [String: [UInt8]] = [
        "x.npy": Files.npy("|u1", "(4, 2)", [1, 10, 3, 10, 5, 10, 7, 10]),
        "y.npy": Files.npy("<i8", "(4,)", Files.little([Int64(5), 2, 5, 2])),
        "tx.npy": Files.npy("<f4", "(1, 2)", floats([4, 11])), "ty.npy": Files.npy("|u1", "(1, 1)", [5]),
    ]

    @Test func labels() throws {
        let data = try load(Self.labelled, .classes)
        let unit = 1 / Float(5.0.squareRoot())
        #expect(data.encoding.classes == ["2", "5"])
        #expect(try Tables.all(data.trainingExamples).labels == [1, 0, 1, 0])
        #expect(
            try Tables.all(data.trainingExamples).inputs
                == [[-3, 0], [-1, 0], [1, 0], [3, 0]].map { $0.map { $0 * unit } })
        #expect(try Tables.all(data.testExamples).inputs == [[0, 1]])
        #expect(data.review().contains(.constantColumns(["c2"])))
    }

    @Test func severalTargets() throws {
        var files = Self.labelled
        files["y.npy"] = Files.npy(
            "<f8", "(4, 2)", Files.little([0.0, 4, 2, 4, 0, 4, 2, 6].map { Double($0).bitPattern }))
        files["ty.npy"] = Files.npy("<f4", "(1, 2)", Self.floats([3, 4.5]))
        let data = try load(files, .numbers)
        guard case .numbers(let scaling) = data.goal else { throw DatasetError.empty(file: "targets") }
        #expect(scaling.mean == [1, 4.5] && scaling.deviation == [1, Double(Float(0.75.squareRoot()))])
        #expect(data.shape == ExampleShape(inputs: 2, targets: 2))
        #expect(try Tables.all(data.testExamples).targets == [2, 0])
    }

    @Test(arguments: [
        ("x.npy", Files.npy("|u1", "(2, 2, 2)", [UInt8](repeating: 1, count: 8)), "name images under images:"),
        ("x.npy", Files.npy("|u1", "(2, 2)", [1, 2, 3, 4]), "x.npy holds 2 images but y.npy holds 4 labels"),
        ("tx.npy", Files.npy("|u1", "(1, 3)", [1, 2, 3]), "expected 2 numbers in a row"),
        ("tx.npy", Files.npy("<f4", "(1, 2)", floats([1, .nan])), "tx.npy:1: expected a finite number in column '2'"),
        ("ty.npy", Files.npy("|u1", "(1,)", [7]), "class '7' of column 'label' has no row in the training part"),
        ("y.npy", Files.npy("|u1", "(4,)", [5, 5, 5, 5]), "all training rows are of class '5'"),
        ("x.npy", Array("a,b\n1,2\n".utf8), "set data.format: csv"),
    ]) func faults(name: String, bytes: [UInt8], said: String) throws {
        var files = Self.labelled
        files[name] = bytes
        let error = #expect(throws: DatasetError.self) { try load(files, .classes) }
        #expect(error?.description.contains(said) == true, "\(String(describing: error))")
    }
}
