import TestSupport
import Testing

@testable import Datasets

/// Test rows that are encoded by what a network file says, without the rows that were trained on.
@Suite struct TestTableTests {
    private static let training = """
        size,colour,at,kind
        2,red,1700000000,b
        6,blue,1700000002,a
        ,blue,1700000004,b
        4,?,1700000002,a

        """
    private static let columns = TableSource.Columns(target: "kind", categorical: ["colour"])

    private func encoding(
        _ training: String = training, _ columns: TableSource.Columns = columns
    ) throws -> (encoding: TableEncoding, test: (inputs: [[Float]], labels: [Int32], targets: [Float])) {
        let data = try Tables.load(["train.csv": training, "test.csv": training], columns)
        return (data.encoding, try Tables.all(data.testExamples))
    }

    private func read(
        _ test: String, _ encoding: TableEncoding, _ columns: TableSource.Columns = columns
    ) throws -> TestTable {
        var table: TestTable?
        try withDirectory { folder in
            try Files.write(Array(test.utf8), folder + "/test.csv")
            // The training file is not there.
            let source = TableSource(train: ["train.csv"], test: .files(["test.csv"]), columns: columns)
            let folder = DataFolder(folder)
            let layout = try #require(try source.testLayout(in: folder, by: encoding))
            table = try source.loadTest(in: folder, layout: layout, by: encoding)
        }
        return try #require(table)
    }

    /// The rows that were trained on get the inputs and labels that they had, in whatever order the columns stand.
    @Test func theSameRowsGetTheSameInputs() throws {
        let (encoding, expected) = try encoding()
        #expect(encoding.doubles == [2])
        let lines = Self.training.split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false)
        }
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]] {
            let text = lines.map { line in order.map { line[$0] }.joined(separator: ",") + "\n" }.joined()
            let found = try read(text, encoding)
            let all = try Tables.all(found.examples)
            #expect(all.inputs == expected.inputs && all.labels == expected.labels && found.warnings == [])
        }
        // Copies of what the file says are the same encoding.
        #expect(try TableEncoding(columns: encoding.columns, targets: encoding.targets) == encoding)
    }

    /// A renamed category is one that training has not, and nothing becomes another category.
    @Test func unknownCategoriesAreTold() throws {
        let (encoding, _) = try encoding()
        let found = try read("size,colour,at,kind\n4,azure,1700000002,a\n4,red,1700000002,b\n", encoding)
        #expect(found.warnings == [.unknownCategories(.test, column: "colour", texts: ["azure"], rows: 1)])
        // size, whether it is missing, blue, red, whether it is missing, at.
        #expect(try Tables.all(found.examples).inputs == [[0, 0, 0, 0, 0, 0], [0, 0, 0, 1, 0, 0]])
    }

    @Test(arguments: [
        (
            "size,colour,at,kind\n4,red,1,c\n",
            "test.csv:2: class 'c' of column 'kind' is none that the network knows, which are 'a', 'b'"
        ),
        ("size,colour,time,kind\n4,red,1,a\n", "there is no 'at', and it knows no 'time'"),
        (
            "size,colour,kind\n4,red,a\n",
            "test.csv:1: its columns are not those that the network reads: there is no 'at'"
        ),
        ("size,colour,at,class\n4,red,1,a\n", "there is no column 'kind', which data.target names"),
        ("size,colour,at,kind\nx,red,1,a\n", "test.csv:2: expected a number in column 'size', found 'x'"),
        ("size,colour,at,kind\n", "holds a header and no rows"),
    ]) func whatDoesNotFitIsRefused(text: String, said: String) throws {
        let (encoding, _) = try encoding()
        let error = #expect(throws: DatasetError.self) { try read(text, encoding) }
        #expect(error?.description.contains(said) == true, "\(String(describing: error))")
    }

    /// Classes that are numbers are the same however they are written.
    @Test func classesThatAreNumbers() throws {
        let columns = TableSource.Columns(target: "k")
        let (encoding, _) = try encoding("a,k\n1,1\n2,2\n3,1.0\n", columns)
        #expect(try Tables.all(read("a,k\n1,2.0\n2,01\n", encoding, columns).examples).labels == [1, 0])
    }

    @Test func targetsThatAreNumbers() throws {
        let columns = TableSource.Columns(target: "y", kind: .numbers)
        let (encoding, expected) = try encoding("x,y\n1,1700000000\n2,1700000002\n", columns)
        let found = try read("x,y\n1,1700000000\n2,1700000002\n1,1700000001\n", encoding, columns)
        #expect(try Tables.all(found.examples).targets == expected.targets + [0] && expected.targets == [-1, 1])
    }

    /// What a forged file may say is refused before anything is computed with it.
    @Test func contradictionsAreRefused() throws {
        let number = TableEncoding.Scaling(mean: 0, deviation: 1, usesDoubles: false)
        func column(_ scaling: TableEncoding.Scaling?, _ categories: [String]?, name: String = "a")
            -> TableEncoding.Column
        {
            .init(name: name, scaling: scaling, hasMissing: false, categories: categories)
        }
        let classes = TableEncoding.Targets.classes(column: "k", names: ["x", "y"])
        #expect(throws: Never.self) { try TableEncoding(columns: [column(number, nil)], targets: classes) }
        let columns: [[TableEncoding.Column]] = [
            [], [column(nil, nil)], [column(number, ["x"])], [column(nil, [])], [column(nil, ["x", "x"])],
            [column(number, nil), column(number, nil)], [column(number, nil, name: "k")],
            [column(.init(mean: .nan, deviation: 1, usesDoubles: true), nil)],
            [column(.init(mean: 0, deviation: 0, usesDoubles: true), nil)],
            [column(.init(mean: 0, deviation: 1e-42, usesDoubles: false), nil)],
        ]
        for columns in columns {
            #expect(throws: DatasetError.self) { try TableEncoding(columns: columns, targets: classes) }
        }
        for targets in [
            TableEncoding.Targets.classes(column: "k", names: ["x", "x"]), .numbers(names: ["y"], scalings: []),
            .numbers(names: ["y"], scalings: [.init(mean: 0, deviation: -1, usesDoubles: true)]),
        ] {
            #expect(throws: DatasetError.self) { try TableEncoding(columns: [column(number, nil)], targets: targets) }
        }
    }

    /// Rows of both parts are told as copies of images are, from one in a hundred on.
    @Test func sharedRowsAreTold() throws {
        var random = SeededGenerator(4)
        let rows = (0..<400).map { "\(Float.random(in: 0...1, using: &random)),t\($0 % 3),\($0 % 2)\n" }
        func review(_ test: [String]) throws -> [DataWarning] {
            try Tables.load(
                ["train.csv": "a,b,k\n" + rows[..<200].joined(), "test.csv": "a,b,k\n" + test.joined()],
                .init(target: "k", categorical: ["b"])
            ).review()
        }
        #expect(try review(Array(rows[200...])) == [])
        #expect(try review(Array(rows[200..<300]) + rows[7..<10]) == [.sharedRows(rows: 3, count: 103)])
        #expect(try review(Array(rows[200...]) + rows[7..<8]) == [])
        // Another class is another row.
        let other = rows[6].replacing(/0\n$/, with: "1\n")
        #expect(other != rows[6])
        #expect(try review(Array(rows[200..<300]) + [other, other]) == [])
        // The same file twice, of which a share is tested.
        let both = try Tables.load(
            ["train.csv": "a,b,k\n" + rows.joined()], train: ["train.csv", "train.csv"], test: .share(0.2),
            .init(target: "k", categorical: ["b"]))
        guard case .sharedRows(let shared, 160)? = both.review().first else {
            Issue.record("\(both.review())")
            return
        }
        #expect(shared > 100)
        #expect("\(both.review()[0])".contains("of the 160 test rows are training rows too"))
    }
}
