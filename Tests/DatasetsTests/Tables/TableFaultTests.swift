import Foundation
import TestSupport
import Testing

@testable import Datasets

/// What users do to tables, and the one sentence that each gets.
@Suite struct TableFaultTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        var train = "a,b,k\n1,2,x\n3,4,y\n5,6,x\n7,8,y\n"
        var test = "a,b,k\n1,2,x\n"
        var columns = TableSource.Columns(target: "k")
        var part = TestPart.files(["test.csv"])
        var holdOut = HoldOut(validation: 1)
        let said: String
        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case(name: "ragged", train: "a,b,k\n1,2,x\n3,4\n", said: "train.csv:3: expected 3 fields, found 2"),
        Case(
            name: "ragged in quotes", train: "a,b,k\n\"1\n\",2,x\n3,4,5,y\n",
            columns: .init(target: "k", categorical: ["a"]),
            said: "train.csv:4: expected 3 fields, found 4"),
        Case(
            name: "no target", columns: .init(target: "y"),
            said: "there is no column 'y', which data.target names; there are 'a', 'b', 'k'"),
        Case(
            name: "no categorical", columns: .init(target: "k", categorical: ["c"]),
            said: "there is no column 'c', which data.categorical names"),
        Case(
            name: "text for a number", train: "a,b,k\n1,2,x\n3,four,y\n",
            said: "train.csv:3: expected a number in column 'b', found 'four'; list the column under data.categorical"),
        Case(
            name: "text in test", test: "a,b,k\n1,-,x\n", said: "test.csv:2: expected a number in column 'b', found '-'"
        ),
        Case(
            name: "text for a numeric target", columns: .init(target: "k", kind: .numbers),
            said:
                "train.csv:2: expected a number in column 'k', found 'x'; clean the data, or take a space of classes"
        ),
        Case(
            name: "one class", train: "a,b,k\n1,2,x\n3,4,x\n5,6,x\n",
            said: "all training rows are of class 'x' by column 'k'"),
        Case(
            name: "other class", test: "a,b,k\n1,2,x\n1,2,z\n",
            said: "test.csv:3: class 'z' of column 'k' has no row in the training part"),
        Case(
            name: "held out", holdOut: .init(validation: 3, sampler: 1),
            said: "validation 3 and sampler 1 of 4 examples leave none"),
        Case(
            name: "held out of the rest", part: .last(2), holdOut: .init(validation: 2),
            said: "validation 2 and sampler 0 of 2 examples leave none"),
        Case(name: "no test rows", part: .last(4), said: "data.test asks for the last 4 of 4 rows"),
        Case(name: "no share", part: .share(0.1), said: "data.test asks for a share of 0.1 of 4 rows"),
        Case(name: "share of all", part: .share(1), said: "data.test.share is 1.0; allowed: more than 0, less than 1"),
        Case(name: "empty", train: "", said: "train.csv: holds no samples"),
        Case(name: "blank", train: "\n\n", said: "one field alone"),
        Case(name: "header only", train: "a,b,k\n", said: "train.csv: holds a header and no rows"),
        Case(name: "header only, without a break", train: "a,b,k", said: "train.csv: holds a header and no rows"),
        Case(name: "header and blanks", train: "a,b,k\n\n\n\n", said: "train.csv: holds a header and no rows"),
        Case(
            name: "header of the test", test: "a,c,k\n1,2,x\n",
            said: "test.csv:1: its columns are not those of "),
        Case(name: "column added", test: "a,b,k,d\n1,2,x,3\n", said: "expected 3 columns, found 4"),
        Case(
            name: "open quote", train: "a,b,k\n1,\"2,x\n3,4,y\n",
            said: "train.csv:2: a quoted field begins here and never ends"),
        Case(
            name: "text after a quote", train: "a,b,k\n\"1\"2,3,x\n4,5,y\n",
            said: "train.csv:2: text follows the closing quote"),
        Case(
            name: "nan", train: "a,b,k\n1,2,x\nNaN,3,y\n",
            said: "train.csv:3: expected a finite number in column 'a', found 'NaN'"),
        Case(
            name: "inf", train: "a,b,k\n1,2,x\n-inf,3,y\n",
            said: "found '-inf'; clean the data, or list it under data.missing"),
        Case(
            name: "too large", train: "a,b,k\n1,2,x\n1e31,3,y\n",
            said: "train.csv:3: the number 1e31 in column 'a' is too large"),
        Case(name: "twice", train: "a,a,k\n1,2,x\n", said: "train.csv:1: two columns are called 'a'"),
        Case(name: "missing target", train: "a,b,k\n1,2,?\n3,4,y\n", said: "train.csv:2: the target 'k' is missing"),
        Case(
            name: "categorical target", train: "a,k\n1,2\n2,3\n", test: "a,k\n1,2\n",
            columns: .init(target: "k", kind: .numbers, categorical: ["k"]), said: "'k' is the target of a regression"),
        Case(
            name: "zero byte", train: "a,b,k\n1,2\0,x\n4,5,y\n",
            said: "train.csv:2: expected text in UTF-8, found a zero byte"
        ),
        Case(
            name: "signs of a terminal", train: "a,b,k\n1,2,x\n3,\u{1B}[2J\u{202E},y\n",
            said: "found '\\u{1b}[2J\\u{202e}'"),
        Case(
            name: "long name", train: "a,\(String(repeating: "b", count: 1025)),k\n1,2,x\n",
            said: "1025 bytes in the name of a column"),
        Case(
            name: "target alone", train: "k;\nx;\n", test: "k;\nx;\n", columns: .init(target: "k", delimiter: .comma),
            said: "there is no column 'k'"),
        Case(name: "no delimiter", train: "k\nx\ny\n", said: "the first row has one field alone; set data.delimiter"),
        Case(
            name: "two delimiters", train: "a;b,k\n1;2,x\n", said: "the first row has ',' and ';'; set data.delimiter"),
        Case(
            name: "carriage returns alone", train: "a,b,k\r1,2,x\r3,4,y\r",
            said: "train.csv:1: its lines end with a carriage return alone"),
        Case(
            name: "carriage returns alone in a column's name", train: "\"a\rb\",b,k\r1,2,x\r",
            said: "train.csv:1: its lines end with a carriage return alone"),
        Case(name: "HTML", train: "<!DOCTYPE html>\n<html><body>404</body></html>\n", said: "found an HTML page"),
        Case(
            name: "long text", train: "a,b,k\n1,2,\(String(repeating: "x", count: 2000))\n4,5,y\n",
            said: "2000 bytes in one text"),
    ]

    @Test(arguments: cases) func oneClearError(_ one: Case) throws {
        let error = #expect(throws: DatasetError.self) {
            try Tables.load(
                ["train.csv": one.train, "test.csv": one.test], test: one.part, one.columns, holdOut: one.holdOut)
        }
        let text = error.map { "\($0)" } ?? ""
        #expect(text.contains(one.said), "\(text)")
        #expect(!text.contains("\n"))
    }

    @Test func binaryFilesAreNamed() throws {
        let gif = Array("GIF89a".utf8) + [UInt8](repeating: 0, count: 100)
        let noise = (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 7919 >> 3) }
        for (bytes, said) in [
            (gif, "found a GIF picture"), (Files.npy("|u1", "(2, 2)", [1, 2, 3, 4]), "set data.format: npy"),
            (noise, "expected text in UTF-8"), (Files.idxLabels(), "set data.format: idx"),
        ] {
            try withDirectory { folder in
                try Files.write(bytes, folder + "/t.csv")
                let source = TableSource(train: ["t.csv"], test: .last(1), columns: .init(target: "k"))
                let error = #expect(throws: DatasetError.self) {
                    try source.layout(in: DataFolder(folder), holdOut: .init(validation: 0))
                }
                #expect(error?.description.contains(said) == true, "\(String(describing: error))")
            }
        }
    }

    /// A few bytes changed, cut or added: read or refused, never a crash or a foreign error.
    @Test(arguments: [false, true]) func mutatedTables(isPacked: Bool) throws {
        let text =
            "a,\"b\",k\n" + (0..<30).map { "\($0).5,\($0 % 3 == 0 ? "?" : "\"t\($0 % 4)\""),c\($0 % 2)\n" }.joined()
        try withDirectory { folder in
            var refused = 0
            for number in 0..<800 {
                var random = SeededGenerator(UInt64(number))
                var bytes = isPacked ? Files.gzip(Array(text.utf8)) : Array(text.utf8)
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    let place = Int.random(in: 0..<bytes.count, using: &random)
                    switch Int.random(in: 0..<4, using: &random) {
                    case 0: bytes[place] = [0x22, 0x2C, 0x0A, 0x0D, 0, 0xFF].randomElement(using: &random) ?? 0
                    case 1: bytes.insert([0x22, 0x2C, 0x0A, 0x31].randomElement(using: &random) ?? 0, at: place)
                    case 2 where bytes.count > 20: bytes.removeSubrange(place..<min(bytes.count - 1, place + 5))
                    default: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                    }
                }
                try Files.write(bytes, folder + "/t.csv")
                do {
                    let source = TableSource(
                        train: ["t.csv"], test: .share(0.2), columns: .init(target: "k", categorical: ["b"]))
                    let layout = try source.layout(in: DataFolder(folder), holdOut: .init(validation: 2))
                    let data = try source.load(
                        in: DataFolder(folder), layout: layout, holdOut: .init(validation: 2), seed: UInt64(number))
                    #expect(try Tables.all(data.trainingExamples).inputs.joined().allSatisfy { $0.isFinite })
                    _ = data.review().map(\.description)
                } catch is DatasetError {
                    refused += 1
                }
            }
            #expect(refused > 80)
        }
    }
}
