import Foundation
import TestSupport
import Testing

@testable import Datasets

/// What is told of files that are not looked through. A piece is 256 KiB, so that a budget of 300,000 bytes takes two.
@Suite struct LookBudgetTests {
    private static let pieces = 2 << 18

    /// Rows of 16 bytes under a header of as many.
    private static func table(_ rows: Int) -> [UInt8] {
        Array(("a,b,c,d,e,f,g,h\n" + String(repeating: "1,2,3,4,5,6,7,8\n", count: rows)).utf8)
    }

    private let source = TableSource(
        train: ["t.csv"], test: .share(0.5), columns: .init(target: "h", kind: .numbers))

    @Test func evenRowsAreToldExactly() throws {
        try withDirectory { folder in
            try Files.write(Self.table(65_535), folder + "/t.csv")
            let whole = try source.layout(in: DataFolder(folder), holdOut: .init(validation: 9))
            let budget = LookBudget(bytes: 300_000), looking = DataFolder(folder).looking(within: budget)
            let part = try source.layout(in: looking, holdOut: .init(validation: 9))
            #expect(whole.rows == 65_535 && !whole.isEstimate)
            #expect(part.rows == 65_535 && part.isEstimate && budget.isSpent && part.memoryBytes == whole.memoryBytes)
            // What hangs on the number of rows is left to the run.
            #expect(throws: DatasetError.self) {
                try source.layout(in: DataFolder(folder), holdOut: .init(validation: 40_000))
            }
            #expect(throws: Never.self) { try source.layout(in: looking, holdOut: .init(validation: 40_000)) }
        }
    }

    /// A file within the budget is counted as without one.
    @Test func smallFilesAreLookedThrough() throws {
        try withDirectory { folder in
            try Files.write(Self.table(4), folder + "/t.csv")
            let budget = LookBudget(bytes: 100)
            let layout = try source.layout(
                in: DataFolder(folder).looking(within: budget), holdOut: .init(validation: 1))
            #expect(layout.rows == 4 && !layout.isEstimate && !budget.isSpent)
        }
    }

    /// 2^34 bytes, most of them a hole: as many sixteenths of lines, after two pieces.
    @Test func largeFilesTakeNoTime() throws {
        try withDirectory { folder in
            try Files.write(Self.table(65_535), folder + "/t.csv")
            let file = try #require(FileHandle(forWritingAtPath: folder + "/t.csv"))
            try file.truncate(atOffset: 1 << 34)
            try file.close()
            let budget = LookBudget(bytes: 300_000)
            let folder = DataFolder(folder).looking(within: budget)
            let layout = try source.layout(in: folder, holdOut: .init(validation: 9))
            #expect(layout.rows == (1 << 30) - 1 && layout.isEstimate)
            let records = RecordSource(csv: ["t.csv"], join: nil, missing: [])
            #expect(
                try records.memoryBytes(texts: [], numbers: [.init("a", key: "k")], in: folder)
                    == (1 << 30) * (192 + 32))
        }
    }

    /// Members of 16 bytes; a budget for all files of a submission.
    @Test func membersOfObjects() throws {
        try withDirectory { folder in
            let members = "{\"00000001\":1.5," + String(repeating: "\"000000001\":1.5,", count: 65_534)
            let text = members + "\"000000001\":1.5}"
            try Files.write(Array(text.utf8), folder + "/o.json")
            let object = RecordSource(json: "o.json"), value = [RecordSource.Column("value", key: "k")]
            let whole = try object.memoryBytes(texts: [], numbers: value, in: DataFolder(folder))
            #expect(whole == 65_536 * (192 + 160 + 32) + 2 * text.utf8.count)
            let looking = DataFolder(folder).looking(within: LookBudget(bytes: Self.pieces))
            for _ in 0..<2 { #expect(try object.memoryBytes(texts: [], numbers: value, in: looking) == whole) }
        }
    }

    /// What is packed is told as if the rest was packed as well as the beginning: here not at all, but for 5 bytes of 60,000.
    @Test func packedRecords() throws {
        try withDirectory { folder in
            let records = Files.cifar((0..<600).map { UInt8($0 % 10) })
            try Files.write(Files.gzip(records), folder + "/r.gz")
            #expect(try CIFARReader.layout(files: [DataFolder(folder).find("r.gz")]).count == 600)
            let budget = LookBudget(bytes: 1)
            let layout = try CIFARReader.layout(files: [DataFolder(folder).looking(within: budget).find("r.gz")])
            #expect(budget.isSpent && (599...601).contains(layout.count), "\(layout.count)")
        }
    }
}
