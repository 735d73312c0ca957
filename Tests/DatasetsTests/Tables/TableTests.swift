import Foundation
import TestSupport
import Testing

@testable import Datasets

extension TableSource.Columns {
    init(
        target: String, kind: TargetKind = .classes, hasHeader: Bool = true, delimiter: TableDelimiter? = nil,
        categorical: [String] = []
    ) {
        self.init(
            target: target, kind: kind, hasHeader: hasHeader, delimiter: delimiter, categorical: categorical,
            missing: ["", "?", "NA", "nan"])
    }
}

/// Writes tables and loads them.
enum Tables {
    static func load(
        _ files: [String: String], train: [String] = ["train.csv"], test: TestPart = .files(["test.csv"]),
        _ columns: TableSource.Columns, holdOut: HoldOut = .init(validation: 0), seed: UInt64 = 1,
        keepsDoubles: Bool = true
    ) throws -> TableDataset {
        var data: TableDataset?
        try withDirectory { folder in
            for (name, text) in files { try Files.write(Array(text.utf8), "\(folder)/\(name)") }
            let source = TableSource(train: train, test: test, columns: columns)
            let layout = try source.layout(in: DataFolder(folder), holdOut: holdOut)
            data = try source.load(
                in: DataFolder(folder), layout: layout, holdOut: holdOut, seed: seed, keepsDoubles: keepsDoubles)
        }
        return try #require(data)
    }

    /// A digest of all that a table has.
    static func digest(_ data: TableDataset) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        data.withDigestBytes { for byte in $0 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 } }
        return hash
    }

    /// All examples of a part: inputs row by row, labels, targets.
    static func all(_ examples: any Examples) throws -> (inputs: [[Float]], labels: [Int32], targets: [Float]) {
        let batch = ExampleBatch(capacity: examples.count, shape: examples.shape)
        try examples.fill(batch, with: (0..<Int32(examples.count)).map { $0 }[...])
        let width = examples.shape.inputs
        return (
            (0..<examples.count).map { Array(batch.inputs[$0 * width..<($0 + 1) * width]) }, Array(batch.labels),
            Array(batch.targets)
        )
    }
}

@Suite struct TableTests {
    /// Mean 4 and deviation 2 of 2 and 6; categories by their bytes; what is missing, and what training has not.
    @Test func encodesByHand() throws {
        let data = try Tables.load(
            [
                "train.csv": "size,colour,kind\n2,red,b\n6,blue,a\n,blue,b\n4,?,a\n",
                "test.csv": "size,colour,kind\n8,green,a\n?,red,b\n",
            ], .init(target: "kind", categorical: ["colour"]))
        // 2, 6 and 4 are known: mean 4, deviation sqrt(8 / 3).
        let unit = Float((8.0 / 3).squareRoot())
        #expect(data.encoding.columns.map(\.name) == ["size", "colour"])
        #expect(data.encoding.columns.map(\.categories) == [nil, ["blue", "red"]])
        #expect(data.encoding.columns.map(\.hasMissing) == [true, true])
        #expect(data.encoding.classes == ["a", "b"] && data.classes == 2)
        #expect(data.shape == ExampleShape(inputs: 5, labels: 1))
        #expect(
            data.normalization.mean == [4, 0, 0, 0, 0] && data.normalization.deviation == [Double(unit), 1, 1, 1, 1])
        let training = try Tables.all(data.trainingExamples), test = try Tables.all(data.testExamples)
        #expect(
            training.inputs
                == [
                    [-2 / unit, 0, 0, 1, 0], [2 / unit, 0, 1, 0, 0], [0, 1, 1, 0, 0], [0, 0, 0, 0, 1],
                ].map { $0.map { $0 == -2 / unit ? -2 * (1 / unit) : $0 == 2 / unit ? 2 * (1 / unit) : $0 } })
        #expect(training.labels == [1, 0, 1, 0])
        #expect(test.inputs == [[4 * (1 / unit), 0, 0, 0, 0], [0, 1, 0, 1, 0]])
        #expect(test.labels == [0, 1])
        #expect(
            data.review() == [.unknownCategories(.test, column: "colour", texts: ["green"], rows: 1)])
    }

    @Test func regressionIsStandardised() throws {
        let data = try Tables.load(
            ["train.csv": "x,y\n1,10\n2,30\n3,50\n", "test.csv": "x,y\n2,70\n"], .init(target: "y", kind: .numbers))
        let deviation = Float((800.0 / 3).squareRoot())
        #expect(data.goal == .numbers(Normalization(uncheckedMean: [30], deviation: [Double(deviation)])))
        #expect(data.shape == ExampleShape(inputs: 1, targets: 1) && data.classes == 0)
        #expect(try Tables.all(data.trainingExamples).targets == [-20, 0, 20].map { $0 * (1 / deviation) })
        #expect(try Tables.all(data.testExamples).targets == [40 * (1 / deviation)])
        #expect(data.review() == [])
    }

    /// Nothing of what is held out or tested is measured.
    @Test func theTrainingPartAloneIsMeasured() throws {
        var random = SeededGenerator(2)
        let rows = (0..<300).map { _ in
            [Float.random(in: -5...5, using: &random), Float.random(in: 0...1, using: &random)]
        }
        let text = "a,b,k\n" + rows.map { "\($0[0]),\($0[1]),\($0[0] > 0 ? "p" : "n")\n" }.joined()
        for test in [TestPart.last(50), .share(0.2)] {
            let data = try Tables.load(
                ["train.csv": text], test: test, .init(target: "k"), holdOut: .init(validation: 40, sampler: 20),
                seed: 9)
            #expect(data.testCount == (test == .last(50) ? 50 : 60))
            #expect(data.split.train.count == 300 - data.testCount - 60)
            #expect((data.parts.training + data.parts.test).sorted() == (0..<300).map(Int32.init))
            if test == .last(50) { #expect(data.parts.test == (250..<300).map(Int32.init)) }
            let used = data.split.train.map { rows[Int(data.parts.training[Int($0)])] }
            for column in 0..<2 {
                let mean = used.reduce(0) { $0 + Double($1[column]) } / Double(used.count)
                #expect(data.normalization.mean[column] == Double(Float(mean)))
            }
            let inputs = try Tables.all(data.trainingExamples).inputs
            let mean = data.split.train.reduce(0) { $0 + Double(inputs[Int($1)][0]) } / Double(used.count)
            let square = data.split.train.reduce(0) { $0 + Double(inputs[Int($1)][0] * inputs[Int($1)][0]) }
            #expect(abs(mean) < 1e-6 && abs(square / Double(used.count) - 1) < 1e-5)
        }
    }

    @Test func theSeedDrawsTheShare() throws {
        let text = "a,k\n" + (0..<101).map { "\($0),\($0 % 2)\n" }.joined()
        func test(_ seed: UInt64) throws -> [Int32] {
            try Tables.load(["train.csv": text], test: .share(0.25), .init(target: "k"), seed: seed).parts.test
        }
        #expect(try test(1).count == 25 && test(1) == test(1) && test(1) != test(2))
    }

    @Test(arguments: [
        (["10", "9", "-1"], ["-1", "9", "10"]), (["10", "9", "x"], ["10", "9", "x"]),
        (["b", "B", "a"], ["B", "a", "b"]),
        (["1.0", "2", "1"], ["1", "2"]),
    ]) func orderOfClasses(texts: [String], classes: [String]) throws {
        let rows = texts.map { "1,\($0)\n" }.joined()
        let data = try Tables.load(["train.csv": "a,k\n" + rows, "test.csv": "a,k\n" + rows], .init(target: "k"))
        #expect(data.encoding.classes == classes)
        let labels = try Tables.all(data.testExamples).labels
        for (text, label) in zip(texts, labels) {
            #expect(classes[Int(label)] == text || Double(classes[Int(label)]) == Double(text))
        }
    }

    @Test func headersAndDelimiters() throws {
        let plain = try Tables.load(
            ["train.csv": "1;2;a\n3;4;b\n", "test.csv": "5;6;a\n"], .init(target: "c3", hasHeader: false))
        #expect(plain.encoding.columns.map(\.name) == ["c1", "c2"] && plain.trainingExamples.count == 2)
        let named = try Tables.load(
            ["train.csv": "\"x;1\",y,k\n1,2,a\n3,4,b\n", "test.csv": "\"x;1\",y,k\n1,2,a\n"], .init(target: "k"))
        #expect(named.encoding.columns.map(\.name) == ["x;1", "y"])
        let said = try Tables.load(
            ["train.csv": "a;b,k\n1,x\n2,y\n", "test.csv": "a;b,k\n1,x\n"], .init(target: "k", delimiter: .comma))
        #expect(said.encoding.columns.map(\.name) == ["a;b"])
        let index = try Tables.load(["train.csv": ",k\n1,x\n2,y\n", "test.csv": ",k\n1,x\n"], .init(target: "k"))
        #expect(index.encoding.columns.map(\.name) == ["c1"])
    }

    @Test func filesFollowOneAnother() throws {
        let data = try Tables.load(
            ["1.csv": "a,k\n1,x\n", "2.csv": "a,k\r\n2,y\r\n\r\n", "3.csv": "a,k\n3,x"], train: ["1.csv", "2.csv"],
            test: .files(["3.csv"]), .init(target: "k"))
        #expect(data.normalization.mean == [1.5] && data.testCount == 1)
    }

    @Test func missingTextsAreTheUsers() throws {
        let data = try Tables.load(
            ["train.csv": "a,k\n-999,x\n2,y\n4,y\n", "test.csv": "a,k\nNA,x\n"],
            .init(target: "k", missing: ["-999", "NA"]))
        #expect(data.normalization.mean == [3, 0])
        #expect(try Tables.all(data.trainingExamples).inputs == [[0, 1], [-1, 0], [1, 0]])
    }

    @Test func digestSeesEveryPart() throws {
        func digest(_ train: String, _ columns: TableSource.Columns, test: String = "a,b,k\n1,p,x\n") throws -> UInt64 {
            Tables.digest(try Tables.load(["train.csv": train, "test.csv": test], columns))
        }
        let columns = TableSource.Columns(target: "k", categorical: ["b"])
        let base = "a,b,k\n1,p,x\n2,q,y\n"
        #expect(try digest(base, columns) == digest("\"a\",b,k\r\n1.0,p,x\r\n2,q,y\r\n", columns))
        let others = try [
            digest(base, columns), digest("a,b,k\n1,p,x\n3,q,y\n", columns), digest("a,b,k\n1,p,x\n2,r,y\n", columns),
            digest("a,b,k\n1,p,x\n2,q,z\n", columns), digest("A,b,k\n1,p,x\n2,q,y\n", columns, test: "A,b,k\n1,p,x\n"),
            digest(base, columns, test: "a,b,k\n2,p,x\n"), digest("a,b,k\n1,p,x\n?,q,y\n", columns),
        ]
        #expect(Set(others).count == others.count)
    }

    @Test func whatIsOddIsTold() throws {
        let data = try Tables.load(
            ["train.csv": "a,b,k\n1,3,x\n1,4,y\n1,5,x\n", "test.csv": "a,b,k\n1,,x\n7,4,x\n"], .init(target: "k"))
        #expect(
            data.review() == [
                .constantColumns(["a"]), .missingClasses(.test, missing: ["y"], classes: 2, count: 2),
                .missingValues(.test, column: "b", rows: 1),
            ])
        #expect(try Tables.all(data.testExamples).inputs[1][0] == 6)
        let held = try Tables.load(
            ["train.csv": "a,k\n" + (0..<100).map { "\($0),\($0 % 2)\n" }.joined(), "test.csv": "a,k\n1,0\n2,1\n"],
            .init(target: "k"), holdOut: .init(validation: 90))
        #expect(held.review() == [.littleLeft(training: 10, count: 100, classes: 2)])
    }

    @Test func valuesFarOffStayFinite() throws {
        let data = try Tables.load(
            ["train.csv": "a,k\n1e-30,x\n2e-30,y\n", "test.csv": "a,k\n1e30,x\n"], .init(target: "k"))
        #expect(try Tables.all(data.testExamples).inputs == [[1e15]])
    }

    /// No more memory is said than rows and columns ask for, and no less than is held.
    @Test func memoryIsBounded() throws {
        try withDirectory { folder in
            let text = "a,b,k\n" + (0..<1000).map { "\($0),\"\($0)\",\($0 % 3)\n" }.joined()
            for (name, bytes) in [("t.csv", Array(text.utf8)), ("t.csv.gz", Files.gzip(Array(text.utf8)))] {
                try Files.write(bytes, folder + "/" + name)
                let source = TableSource(train: [name], test: .last(100), columns: .init(target: "k"))
                let layout = try source.layout(in: DataFolder(folder), holdOut: .init(validation: 10))
                #expect(layout.rows == 1000 && layout.columns == ["a", "b", "k"] && layout.delimiter == .comma)
                // Rows, classes of which there may be one a row, and the bytes of their texts.
                #expect(layout.memoryBytes == 1000 * (3 * 4 + 64) + 1000 * 128 + text.utf8.count)
                let data = try source.load(
                    in: DataFolder(folder), layout: layout, holdOut: .init(validation: 10), seed: 1)
                #expect(data.memoryBytes <= layout.memoryBytes)
            }
        }
    }
}

/// Hold-outs of tables to which each class gives its share.
@Suite struct StratifiedTableTests {
    /// 600 of a, 300 of b, and 100 of 1 that is written in two ways.
    private static func rows(_ classes: [String]) -> String {
        "x,k\n" + (0..<1000).map { "\($0),\(classes[$0 % 10])" }.joined(separator: "\n") + "\n"
    }

    private static let classes = ["2", "2", "2", "2", "2", "2", "3", "3", "3", "1"]

    private static func load(
        _ text: String, test: TestPart, isStratified: Bool, kind: TargetKind = .classes, seed: UInt64 = 7
    ) throws -> TableDataset {
        var data: TableDataset?
        try withDirectory { folder in
            try Files.write(Array(text.utf8), folder + "/a.csv")
            let source = TableSource(
                train: ["a.csv"], test: test, columns: .init(target: "k", kind: kind, missing: []))
            let holdOut = HoldOut(validation: 100, sampler: 50, isStratified: isStratified)
            let layout = try source.layout(in: DataFolder(folder), holdOut: holdOut)
            data = try source.load(in: DataFolder(folder), layout: layout, holdOut: holdOut, seed: seed)
        }
        return try #require(data)
    }

    private static func counts(_ labels: [Int32]) -> [Int] {
        labels.reduce(into: [0, 0, 0]) { $0[Int($1)] += 1 }
    }

    @Test func everyPartHasItsShare() throws {
        let data = try Self.load(Self.rows(Self.classes), test: .share(0.2), isStratified: true)
        let labels = try Tables.all(data.trainingExamples).labels
        #expect(data.split.validation.count == 100 && data.split.sampler.count == 50 && data.testCount == 200)
        for (part, size) in [
            (data.split.validation, 100.0), (data.split.sampler, 50), (Array(data.split.validation.prefix(40)), 40),
        ] {
            for (found, share) in zip(Self.counts(part.map { labels[Int($0)] }), [0.1, 0.6, 0.3]) {
                #expect(abs(Double(found) - share * size) <= 2.5, "\(found) of \(size)")
            }
        }
        let test = Self.counts(try Tables.all(data.testExamples).labels)
        for (found, expected) in zip(test, [20, 120, 60]) { #expect(abs(found - expected) <= 2, "\(test)") }
        let again = try Self.load(Self.rows(Self.classes), test: .share(0.2), isStratified: true)
        #expect(again.split == data.split)
        let other = try Self.load(Self.rows(Self.classes), test: .share(0.2), isStratified: true, seed: 8)
        #expect(other.split != data.split)
    }

    /// A class is its number, however it is written, and whichever comes first.
    @Test func aClassIsOneStratum() throws {
        var mixed = Self.classes
        mixed[0] = "2.0"
        let one = try Self.load(Self.rows(Self.classes), test: .last(200), isStratified: true)
        let two = try Self.load(Self.rows(mixed), test: .last(200), isStratified: true)
        #expect(one.split == two.split)
    }

    /// A rare class that plain draws leave out of a part is there, or its absence is told with the counts.
    @Test func rareClasses() throws {
        let text =
            "x,k\n" + (0..<1000).map { "\($0),\($0 % 50 == 3 ? "rare" : "usual")" }.joined(separator: "\n") + "\n"
        let data = try Self.load(text, test: .share(0.2), isStratified: true)
        #expect(!data.review().contains { if case .missingClasses(.validation, _, _, _) = $0 { true } else { false } })
        let two =
            "x,k\n" + (0..<1000).map { "\($0),\($0 == 3 || $0 == 5 ? "rare" : "usual")" }.joined(separator: "\n") + "\n"
        let few = try Self.load(two, test: .last(100), isStratified: true)
        #expect(
            few.review().contains {
                if case .missingClasses(_, ["rare"], 2, _) = $0 { true } else { false }
            })
    }

    @Test func numbersHaveNoClasses() {
        #expect {
            try Self.load(Self.rows(Self.classes), test: .last(100), isStratified: true, kind: .numbers)
        } throws: { "\($0)".contains("data.holdOut.stratified is true") }
    }
}

/// Published tables, read from the directory that NASD_TEST_DATA names; skipped without it.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["NASD_TEST_DATA"] != nil))
struct RealTableTests {
    private func load(
        _ folder: String, _ train: [String], _ test: TestPart, _ columns: TableSource.Columns, validation: Int = 500,
        keepsDoubles: Bool = true
    ) throws -> TableDataset {
        let path = (ProcessInfo.processInfo.environment["NASD_TEST_DATA"] ?? "") + "/" + folder
        let source = TableSource(train: train, test: test, columns: columns)
        let holdOut = HoldOut(validation: validation)
        let layout = try source.layout(in: DataFolder(path), holdOut: holdOut)
        return try source.load(
            in: DataFolder(path), layout: layout, holdOut: holdOut, seed: 7, keepsDoubles: keepsDoubles)
    }

    /// No published table needs more than 32 bits: all is as in versions that kept no more.
    @Test(arguments: [
        ("uci-letter", "letter-recognition.data", TableSource.Columns(target: "Letter")),
        ("uci-winequality", "winequality-white.csv", .init(target: "c12", kind: .numbers, hasHeader: false)),
        ("uci-winequality", "winequality-red.csv", .init(target: "c12", hasHeader: false)),
        ("uci-covtype", "covtype-1.csv", .init(target: "Cover_Type")),
        ("uci-spambase", "spambase.data", .init(target: "c58", hasHeader: false)),
        ("uci-optdigits", "optdigits.tra", .init(target: "Class")),
    ]) func publishedTablesKeepTheirBits(folder: String, file: String, columns: TableSource.Columns) throws {
        let data = try load(folder, [file], .share(0.2), columns, validation: 300)
        let before = try load(folder, [file], .share(0.2), columns, validation: 300, keepsDoubles: false)
        #expect(data.encoding == before.encoding && Tables.digest(data) == Tables.digest(before))
        #expect(data.encoding.doubles.isEmpty)
    }

    @Test func letter() throws {
        let data = try load("uci-letter", ["letter-recognition.data"], .last(4000), .init(target: "Letter"))
        #expect(data.trainingExamples.count == 16_000 && data.testCount == 4000 && data.shape.inputs == 16)
        #expect(data.encoding.classes == "ABCDEFGHIJKLMNOPQRSTUVWXYZ".map(String.init))
        let labels = try Tables.all(data.trainingExamples).labels + Tables.all(data.testExamples).labels
        #expect((0..<4).map { label in labels.count { $0 == label } } == [789, 766, 736, 805])
        // Small whole numbers: some letters of the last 4000 are there before, in every value.
        #expect(data.review() == [.sharedRows(rows: 380, count: 4000)])
    }

    @Test func optdigits() throws {
        let data = try load("uci-optdigits", ["optdigits.tra"], .files(["optdigits.tes"]), .init(target: "Class"))
        let training = try Tables.all(data.trainingExamples).labels, test = try Tables.all(data.testExamples).labels
        #expect(
            (0..<10).map { label in training.count { $0 == label } } == [
                376, 389, 380, 389, 387, 376, 377, 387, 380, 382,
            ])
        #expect(
            (0..<10).map { label in test.count { $0 == label } } == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
        // Two of its 64 squares are always empty.
        #expect(data.shape.inputs == 64 && "\(data.review())".contains("have one value"))
    }

    @Test func wine() throws {
        let columns = TableSource.Columns(target: "c12", kind: .numbers, hasHeader: false)
        let data = try load("uci-winequality", ["winequality-white.csv"], .share(0.2), columns)
        #expect(data.testCount == 980 && data.trainingExamples.count == 3918 && data.shape.inputs == 11)
        guard case .numbers(let scaling) = data.goal else { throw DatasetError.empty(file: "wine") }
        #expect(abs(scaling.mean[0] - 5.88) < 0.05 && abs(scaling.deviation[0] - 0.886) < 0.02)
        let both = try load(
            "uci-winequality", ["winequality-red.csv", "winequality-white.csv"], .share(0.1), columns)
        #expect(both.trainingExamples.count + both.testCount == 6497)
    }

    @Test func covtypeAndSpambase() throws {
        let covtype = try load("uci-covtype", ["covtype-1.csv"], .share(0.2), .init(target: "Cover_Type"))
        #expect(covtype.encoding.classes == (1...7).map(String.init) && covtype.shape.inputs == 54)
        let spam = try load("uci-spambase", ["spambase.data"], .share(0.2), .init(target: "c58", hasHeader: false))
        #expect(spam.trainingExamples.count + spam.testCount == 4601 && spam.encoding.classes == ["0", "1"])
    }

    /// What only held out or test rows have gets no input, whose number would else depend on them; it is named.
    @Test func whatTrainingLacksIsNamed() throws {
        let training = "size,colour,kind\n2,red,b\n6,blue,a\n"
        func note(_ test: String) throws -> String? {
            let files = ["train.csv": training, "test.csv": "size,colour,kind\n" + test]
            let data = try Tables.load(files, .init(target: "kind", categorical: ["colour"]))
            #expect(data.shape.inputs == 3)
            return data.inputNote
        }
        let columns =
            "column by column: 1 for 1 column of numbers without missing values, 2 for 'colour' ('blue', 'red')"
        #expect(try note("1,red,a\n") == columns)
        #expect(
            try note("?,red,a\n1,green,b\n1,?,b\n")
                == "inputs are those of the training part, which has none of missing values in column 'size', nor of 'green' "
                + "and missing values in column 'colour': add rows with it, hold out fewer, choose another seed, or set "
                + "input.features; \(columns)")
    }
}
