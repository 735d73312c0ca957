import TestSupport
import Testing

@testable import Datasets

/// Numbers that 32 bits do not tell apart: far from 0 next to how much they vary, or too small.
@Suite struct WideNumberTests {
    /// 1700000000 to 1700000004 are one number in 32 bits: mean 1700000002 and deviation sqrt(2).
    @Test func targetsFarFromZero() throws {
        let rows = (0..<5).map { "\($0),\(1_700_000_000 + $0)\n" }.joined()
        let data = try Tables.load(
            ["train.csv": "x,y\n" + rows, "test.csv": "x,y\n1,1700000060\n"], .init(target: "y", kind: .numbers))
        let deviation = 2.0.squareRoot()
        #expect(data.goal == .numbers(Normalization(uncheckedMean: [1_700_000_002], deviation: [deviation])))
        #expect(data.review() == [])
        #expect(
            try Tables.all(data.trainingExamples).targets == [-2, -1, 0, 1, 2].map { Float(Double($0) / deviation) })
        #expect(try Tables.all(data.testExamples).targets == [Float(58 / deviation)])
        // Inputs of the same table are computed with 32 bits as ever.
        let usual = try Tables.load(
            ["train.csv": "x,y\n" + (0..<5).map { "\($0),\($0)\n" }.joined(), "test.csv": "x,y\n1,60\n"],
            .init(target: "y", kind: .numbers))
        #expect(usual.encoding.columns == data.encoding.columns && data.encoding.doubles == [1])
        #expect(try Tables.all(usual.trainingExamples).inputs == Tables.all(data.trainingExamples).inputs)
    }

    /// Columns whose values lie at -1, 1, -1, 1 about a mean, and one that never varies.
    @Test(arguments: [
        (1e9, 100.0), (1_700_000_000, 0.5), (-3e29, 1e20), (0, 1e-39), (1e-39, 1e-42), (0, 1e-60), (0, 1e-300),
        (1e-3, 1e-12),
    ]) func inputs(mean: Double, deviation: Double) throws {
        let values = [-1.0, 1, -1, 1].map { mean + $0 * deviation }
        let data = try Tables.load(
            [
                "train.csv": "a,b,k\n" + zip(values, "xyxy").map { "\($0),0.1,\($1)\n" }.joined(),
                "test.csv": "a,b,k\n\(mean),0.1,x\n\(mean + 3 * deviation),?,y\n",
            ], .init(target: "k"))
        #expect(data.encoding.doubles == [0])
        #expect(data.review() == [.constantColumns(["b"]), .missingValues(.test, column: "b", rows: 1)])
        let scaling = try #require(data.encoding.columns[0].scaling)
        #expect(abs(scaling.mean - mean) <= 1e-4 * deviation && abs(scaling.deviation / deviation - 1) < 1e-4)
        for (inputs, expected) in zip(try Tables.all(data.trainingExamples).inputs, [-1, 1, -1, 1] as [Float]) {
            #expect(abs(inputs[0] - expected) < 1e-3 && inputs[1] == 0)
        }
        let test = try Tables.all(data.testExamples).inputs
        #expect(abs(test[0][0]) < 1e-3 && abs(test[1][0] - 3) < 1e-3)
        // Other values are other data, if only in bits that 32 do not have.
        let other = try Tables.load(
            [
                "train.csv": "a,b,k\n" + zip(values.reversed(), "xyxy").map { "\($0),0.1,\($1)\n" }.joined(),
                "test.csv": "a,b,k\n\(mean),0.1,x\n\(mean + 3 * deviation),?,y\n",
            ], .init(target: "k"))
        #expect(Tables.digest(other) != Tables.digest(data))
    }

    /// What is missing stays missing, and a number far off stays finite.
    @Test func missingAndFarOff() throws {
        let data = try Tables.load(
            [
                "train.csv": "a,k\n1700000000,x\n?,y\n1700000002,y\n",
                "test.csv": "a,k\n-1e30,x\n1700000001,y\n?,x\n",
            ], .init(target: "k"))
        #expect(try Tables.all(data.trainingExamples).inputs == [[-1, 0], [0, 1], [1, 0]])
        #expect(try Tables.all(data.testExamples).inputs == [[-1e15, 0], [0, 0], [0, 1]])
    }

    /// Arrays of 64 bits: whole numbers and floats.
    @Test func vectors() throws {
        func read(_ inputs: [UInt8], test: [UInt8]) throws -> TableDataset {
            var data: TableDataset?
            try withDirectory { folder in
                for (name, bytes) in [
                    ("x", inputs), ("tx", test), ("y", Files.npy("|u1", "(4,)", [0, 1, 0, 1])),
                    ("ty", Files.npy("|u1", "(1,)", [1])),
                ] { try Files.write(bytes, "\(folder)/\(name).npy") }
                let source = VectorSource(
                    train: .init(inputs: "x.npy", targets: "y.npy"), test: .init(inputs: "tx.npy", targets: "ty.npy"),
                    kind: .classes)
                let folder = DataFolder(folder), holdOut = HoldOut(validation: 0)
                data = try source.load(
                    in: folder, layout: try source.layout(in: folder, holdOut: holdOut), holdOut: holdOut, seed: 1)
            }
            return try #require(data)
        }
        let whole = [0, 2, 0, 2].map { Int64(1_700_000_000_000) + $0 }
        let data = try read(
            Files.npy("<i8", "(4, 1)", Files.little(whole)),
            test: Files.npy("<f8", "(1, 1)", Files.little([Double(1_700_000_000_004).bitPattern])))
        #expect(try Tables.all(data.trainingExamples).inputs == [[-1], [1], [-1], [1]])
        #expect(try Tables.all(data.testExamples).inputs == [[3]] && data.encoding.doubles == [0])
    }

    /// A random table with columns of every kind: the mean is 0 and the deviation 1 on what is trained on.
    @Test func standardisedWhateverTheScale() throws {
        for seed in 1...20 as ClosedRange<UInt64> {
            var random = SeededGenerator(seed)
            let scales = (0..<4).map { _ in
                (
                    mean: Double.random(in: -1...1, using: &random) * pow10(Int.random(in: -20...12, using: &random)),
                    deviation: pow10(Int.random(in: -10...10, using: &random))
                )
            }
            let rows = (0..<200).map { row in
                scales.map { "\($0.mean + $0.deviation * Double.random(in: -1...1, using: &random))," }.joined()
                    + "\(row % 2)\n"
            }
            let data = try Tables.load(
                ["train.csv": "a,b,c,d,k\n" + rows.joined()], test: .share(0.2), .init(target: "k"),
                holdOut: .init(validation: 20), seed: seed)
            let inputs = try Tables.all(data.trainingExamples).inputs
            for (column, scale) in scales.enumerated() {
                // What 64 bits themselves do not tell apart.
                guard scale.deviation > 1e-12 * abs(scale.mean) else { continue }
                let values = data.split.train.map { Double(inputs[Int($0)][column]) }, count = Double(values.count)
                let mean = values.reduce(0, +) / count
                let square = values.reduce(0) { $0 + $1 * $1 } / count
                #expect(abs(mean) < 1e-3 && abs(square - 1) < 1e-3, "\(seed) \(scale)")
            }
        }
    }

    private func pow10(_ exponent: Int) -> Double { Double("1e\(exponent)") ?? 1 }
}
