import Foundation
import TestSupport
import Testing

@testable import Datasets

/// Tables of results by their names, in CSV and JSON.
@Suite struct RecordTests {
    private func read(
        _ files: [String: String], _ source: RecordSource, texts: [String] = [], numbers: [String]
    ) throws -> RecordTable {
        var table: RecordTable?
        try withDirectory { folder in
            for (name, text) in files { try Files.write(Array(text.utf8), folder + "/" + name) }
            do {
                table = try source.read(
                    texts: texts.map { .init($0, key: "key.\($0)") },
                    numbers: numbers.map { .init($0, key: "key.\($0)") },
                    in: DataFolder(folder))
            } catch let error as DatasetError {
                throw Told(text: error.description.replacing(folder + "/", with: ""))
            }
        }
        return try #require(table)
    }

    private struct Told: Error { let text: String }

    private func message(
        _ files: [String: String], _ source: RecordSource, texts: [String] = [], numbers: [String]
    ) -> String {
        do {
            _ = try read(files, source, texts: texts, numbers: numbers)
            return ""
        } catch {
            return (error as? Told)?.text ?? "\(error)"
        }
    }

    private static let one = csv(["a.csv"])

    private static func csv(_ files: [String], join: RecordSource.Join? = nil) -> RecordSource {
        RecordSource(csv: files, join: join, missing: ["", "?", "NA", "nan"])
    }

    private static let byID = RecordSource.Join.column(.init("id", key: "join"))

    @Test func rowsByHand() throws {
        let table = try read(
            ["a.csv": "name,\"top 1\",x\r\n\"a,b\",1.5,7\n\nc,,8\nd,NA,-1e2\n"], Self.one, texts: ["name"],
            numbers: ["top 1", "x"])
        #expect(table.texts == [["a,b", "c", "d"]] && table.lines == [2, 4, 5])
        #expect(table.numbers[0][0] == 1.5 && table.numbers[0][1].isNaN && table.numbers[0][2].isNaN)
        #expect(table.numbers[1] == [7, 8, -100])
        #expect(try table.places(of: table.texts[0]) == ["a,b": 0, "c": 1, "d": 2])
    }

    @Test func filesAreJoined() throws {
        let files = ["a.csv": "id,n\n1,x\n2,y\n3,z\n", "b.csv": "v,id\n0.5,3\n0.25,1\n9,7\n", "c.csv": "w\n1\n2\n3\n"]
        let byName = try read(
            files, Self.csv(["a.csv", "b.csv"], join: Self.byID), texts: ["n"], numbers: ["v"]
        )
        #expect(byName.texts[0] == ["x", "y", "z"])
        #expect(byName.numbers[0][0] == 0.25 && byName.numbers[0][1].isNaN && byName.numbers[0][2] == 0.5)
        let byRow = try read(files, Self.csv(["a.csv", "c.csv"], join: .row), texts: ["n"], numbers: ["w"])
        #expect(byRow.numbers == [[1, 2, 3]])
        #expect(
            message(
                ["a.csv": "n\nx\n", "c.csv": "w\n1\n2\n"], Self.csv(["a.csv", "c.csv"], join: .row), texts: ["n"],
                numbers: ["w"]
            ).hasPrefix("c.csv: holds 2 rows and a.csv 1"))
        #expect(
            message(
                files, Self.csv(["a.csv", "c.csv"], join: Self.byID), texts: ["n"],
                numbers: ["w"]
            ).hasPrefix("c.csv:1: there is no column 'id', which join names; there are 'w'"))
        #expect(
            message(
                ["a.csv": "id,n\n1,x\n", "b.csv": "id,v\n1,2\n1,3\n"],
                Self.csv(["a.csv", "b.csv"], join: Self.byID), texts: ["n"], numbers: ["v"]
            ).hasPrefix("b.csv:3: '1' stands here and in line 2"))
    }

    @Test(arguments: [
        ("", "a.csv: holds no"), ("n,v\n", "a.csv: holds no entries"),
        ("n,v\na,b\n", "a.csv:2: expected a number in column 'v', found 'b'"),
        ("n,v\na,inf\n", "a.csv:2: expected a number"), ("n,v\na\n", "a.csv:2: expected 2 fields, found 1"),
        ("n,n,v\n", "a.csv:1: two columns are called 'n'"),
        ("n,w\na,1\n", "a.csv: there is no column 'v', which key.v names"),
    ])
    func faultsOfCSV(text: String, expected: String) {
        let found = message(["a.csv": text], Self.one, texts: ["n"], numbers: ["v"])
        #expect(found.hasPrefix(expected), "\(found)")
    }

    private static let object = RecordSource(json: "a.json")

    @Test func membersByHand() throws {
        let text = """
            {"0\\u00e9\\n": {"acc": 1.5e1, "list": [1, [2]], "s": "x", "o": {"a": null}}, "b": {"acc": null},
             "c": {}, "d": {"acc": -0.25}}
            """
        let table = try read(["a.json": text], Self.object, numbers: ["acc"])
        #expect(table.texts[0] == ["0é\n", "b", "c", "d"] && table.lines == [1, 1, 2, 2])
        #expect(table.numbers[0][0] == 15 && table.numbers[0][3] == -0.25)
        #expect(table.numbers[0][1].isNaN && table.numbers[0][2].isNaN)
        let plain = try read(["a.json": "{\"x\": 1, \"y\": 2}"], Self.object, numbers: ["value"])
        #expect(plain.numbers == [[1, 2]])
    }

    @Test(arguments: [
        ("[]", "a.json:1: expected an object, found '[]'"), ("{}", "a.json: holds no entries"),
        ("{\"a\": {\"v\": \"x\"}}", "a.json:1: expected a number in column 'v', found 'x'"),
        ("{\"a\": {\"v\": [1]}}", "a.json:1: expected a number in column 'v', found 'a list'"),
        ("{\"a\": {\"v\": 1}\n \"b\": 2}", "a.json:2: expected a comma, or the end of an object"),
        ("{\"a\": {\"v\": 1}", "a.json:1: expected a comma, or the end of an object, found the end"),
        ("{\"a\": {\"v\": 1}} x", "a.json:1: expected the end after the object, found 'x'"),
        ("{\"a\": {\"v\": 1x}}", "a.json:1: expected a value, found 1x"),
        ("{\"a\": {\"v\": 1, \"v\": 2}}", "a.json:1: two columns are called 'v'"),
        ("{\"a\": {\"w\": 1}}", "a.json: there is no column 'v', which key.v names; there are 'w'"),
        ("{\"a", "a.json:1: expected a closing double quote"),
        ("{\"a\": {\"v\": " + String(repeating: "[", count: 100_000), "a.json:1: expected at most 64 levels"),
    ])
    func faultsOfJSON(text: String, expected: String) {
        let found = message(["a.json": text], Self.object, numbers: ["v"])
        #expect(found.hasPrefix(expected), "\(found)")
    }

    @Test func packedAndPlainAreTheSame() throws {
        let text = Array("{\"x\": 1, \"y\": 2}".utf8)
        try withDirectory { folder in
            try Files.write(Files.gzip(text), folder + "/a.json.gz")
            let table = try Self.object.read(texts: [], numbers: [.init("value", key: "k")], in: DataFolder(folder))
            #expect(table.numbers == [[1, 2]])
            var bytes: [UInt8] = []
            try Self.object.forEachPiece(in: DataFolder(folder)) { bytes += Array($0) }
            #expect(bytes == text)
        }
    }

    /// A file that adds nothing is told, and one that adds to some rows is not.
    @Test func joinsThatFindNothing() {
        let files = ["a.csv": "id,n\n1,x\n2,y\n", "b.csv": "id,v\n01,5\n02,6\n", "c.csv": "id,w\n2,7\n"]
        let found = message(files, Self.csv(["a.csv", "b.csv"], join: Self.byID), texts: ["n"], numbers: ["v"])
        #expect(
            found
                == "b.csv: none of its rows belongs to one of a.csv by join: there are '1', '2', and here '01', '02'; name a "
                + "column that has the same texts in both, or files that belong together")
        #expect(message(files, Self.csv(["a.csv", "b.csv"], join: Self.byID), texts: ["n"], numbers: []) == "")
        #expect(message(files, Self.csv(["a.csv", "c.csv"], join: Self.byID), texts: ["n"], numbers: ["w"]) == "")
    }

    @Test(arguments: [
        ("-x", "; a sign and what it is for stand apart: - x"), ("a+b", "; operators + and - stand between blanks"),
        ("x", "there are 'n'"),
    ])
    func signsOfUnknownColumns(name: String, ending: String) {
        #expect(message(["a.csv": "n\n1\n"], Self.one, numbers: [name]).hasSuffix(ending))
    }

    /// Only what is wanted counts: a row takes 192 bytes, a number 32, a text 160 beside its bytes.
    @Test func memoryOfWhatIsWanted() throws {
        try withDirectory { folder in
            let csv = "n,a,b,c\nx,1,2,3\ny,4,5,6\n", other = "n,d\ny,7"
            let object = #"{"a:": {"v": 1, "w": {"x": 2}}, "b\"{": {"v": [1, 2]}, "c": 3}"#
            for (name, text) in [("a.csv", csv), ("b.csv", other), ("a.json", object)] {
                try Files.write(Array(text.utf8), "\(folder)/\(name)")
            }
            func bytes(_ source: RecordSource, texts: [String], numbers: [String]) throws -> Int {
                try source.memoryBytes(
                    texts: texts.map { .init($0, key: "k") }, numbers: numbers.map { .init($0, key: "k") },
                    in: DataFolder(folder))
            }
            let a = Self.csv(["a.csv"])
            #expect(try bytes(a, texts: [], numbers: ["a"]) == 3 * (192 + 32))
            #expect(try bytes(a, texts: ["n"], numbers: ["a", "c"]) == 3 * (192 + 64 + 160) + csv.utf8.count)
            let both = Self.csv(["a.csv", "b.csv"], join: .column(.init("n", key: "k")))
            #expect(
                try bytes(both, texts: ["n"], numbers: ["d"])
                    == 3 * (192 + 320) + csv.utf8.count + 2 * (192 + 160 + 32) + other.utf8.count)
            #expect(try bytes(Self.object, texts: [], numbers: ["v"]) == 3 * (192 + 160 + 32) + 2 * object.utf8.count)
            #expect(throws: DatasetError.self) { try bytes(a, texts: ["m"], numbers: []) }
            #expect(try both.columns(in: DataFolder(folder)) == ["n", "a", "b", "c", "n", "d"])
        }
    }

    /// Bytes changed at random are read or refused, and end nothing.
    @Test func changedBytesEndNothing() throws {
        var random = SeededGenerator(4)
        let json = Array("{\"a\": {\"v\": 1.5, \"w\": [true, \"\\u12ab\"]}, \"b\": {\"v\": null}}".utf8)
        let csv = Array("n,v\n\"a\"\"b\",1.5\nc,\n".utf8)
        try withDirectory { folder in
            for round in 0..<2000 {
                let isJSON = round % 2 == 0
                var bytes = isJSON ? json : csv
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
                }
                try Files.write(bytes, folder + (isJSON ? "/a.json" : "/a.csv"))
                do {
                    _ = try (isJSON ? Self.object : Self.one).read(
                        texts: isJSON ? [] : [.init("n", key: "k")], numbers: [.init("v", key: "k")],
                        in: DataFolder(folder))
                } catch is DatasetError {}
            }
        }
    }
}
