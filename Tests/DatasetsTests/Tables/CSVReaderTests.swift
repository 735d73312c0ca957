import Foundation
import TestSupport
import Testing

@testable import Datasets

/// Records of RFC 4180 and what people make of it.
@Suite struct CSVReaderTests {
    private func records(_ bytes: [UInt8], delimiter: TableDelimiter = .comma) throws -> [[String]] {
        var records: [[String]] = []
        try withDirectory { folder in
            try Files.write(bytes, folder + "/t.csv")
            let reader = try CSVReader(DataFile(folder + "/t.csv"), delimiter: delimiter)
            while try reader.next() { records.append(try reader.texts()) }
        }
        return records
    }

    private func records(_ text: String, delimiter: TableDelimiter = .comma) throws -> [[String]] {
        try records(Array(text.utf8), delimiter: delimiter)
    }

    @Test(arguments: [
        ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
        ("a,b\r\n1,2\r\n", [["a", "b"], ["1", "2"]]),
        ("a,b\n1,2", [["a", "b"], ["1", "2"]]),
        ("\u{FEFF}a,b\n", [["a", "b"]]),
        ("\n\na,b\r\n\r\n1,2\n\n", [["a", "b"], ["1", "2"]]),
        ("a,\n,b\n,\n", [["a", ""], ["", "b"], ["", ""]]),
        ("a,", [["a", ""]]),
        ("\"a\",\"b\"\n", [["a", "b"]]),
        ("\"a\"\"b\",\"\"\"\",\"\"\n", [["a\"b", "\"", ""]]),
        ("\"a,b\",c\n", [["a,b", "c"]]),
        ("\"a\nb\r\nc\",d\ne,f\n", [["a\nb\r\nc", "d"], ["e", "f"]]),
        ("\"a\",\"b\"", [["a", "b"]]),
        ("\"a\"\r\n", [["a"]]),
        ("\"a\"\r", [["a"]]),
        ("\"\"", [[""]]),
        ("  a , b\t\n", [["a", "b"]]),
        ("\" a \",b\n", [[" a ", "b"]]),
        ("a\"b,c\n", [["a\"b", "c"]]),
        ("å,日本\n", [["å", "日本"]]),
    ]) func records(text: String, expected: [[String]]) throws { #expect(try records(text) == expected) }

    @Test func otherDelimiters() throws {
        #expect(try records("a;\"b;c\";d,e\n", delimiter: .semicolon) == [["a", "b;c", "d,e"]])
        #expect(try records("a\t\tb\n", delimiter: .tab) == [["a", "", "b"]])
    }

    /// Whatever the records are, they come back as they were written, plain and packed, across all pieces.
    @Test func randomRecordsComeBack() throws {
        var random = SeededGenerator(3)
        let alphabet: [String] = ["a", "7", ".", ",", "\"", "\n", "\r\n", "ä", "-"]
        for round in 0..<60 {
            let width = Int.random(in: 1...6, using: &random)
            let length = round % 20 == 0 ? 200_000 : 12
            let table = (0..<Int.random(in: 1...40, using: &random)).map { _ in
                (0..<width).map { _ in
                    (0..<Int.random(in: 0...length, using: &random)).map { _ in
                        alphabet.randomElement(using: &random) ?? ""
                    }
                    .joined()
                }
            }
            let text = table.map { $0.map { "\"\($0.replacing("\"", with: "\"\""))\"" }.joined(separator: ",") }
                .joined(separator: round % 2 == 0 ? "\n" : "\r\n")
            #expect(try records(text) == table)
            if round < 3 { #expect(try records(Files.gzip(Array(text.utf8))) == table) }
        }
    }

    /// Numbers of many pieces, with rows of lengths that fall on every place of a piece.
    @Test func manyPieces() throws {
        let rows = (0..<60_000).map { [String($0), String(repeating: "x", count: $0 % 37)] }
        #expect(try records(rows.map { $0.joined(separator: ",") }.joined(separator: "\n")) == rows)
    }

    @Test(arguments: [
        ("a,b\n1,\"2\n3,4\n", 2, TableFault.unterminatedQuote),
        ("a,b\n\"x\ny\",\"2\n3,4", 3, .unterminatedQuote),
        ("\"", 1, .unterminatedQuote),
        ("a\n\"b\"c,d\n", 2, .textAfterQuote),
        ("a\nb\0c\n", 2, .notText(found: "a zero byte")),
        ("a\n\"b\n\0c\"\n", 3, .notText(found: "a zero byte")),
    ]) func faultsNameTheirLine(text: String, line: Int, fault: TableFault) throws {
        let error = #expect(throws: DatasetError.self) { try records(text) }
        guard case .table(_, line, fault) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func otherEncodings() throws {
        for (bytes, found) in [
            (Array("a,b\n\u{FC}".unicodeScalars.map { UInt8($0.value) }), "bytes that are none"),
            ([0xFF, 0xFE, 0x61, 0], "UTF-16"),
        ] {
            let error = #expect(throws: DatasetError.self) { try records(bytes) }
            #expect(error?.description.contains("expected text in UTF-8, found \(found)") == true)
        }
    }
}

/// Numbers are those that the standard library reads, whichever way they are read.
@Suite struct DecimalNumberTests {
    private func parse(_ text: String) -> Double? {
        Array(text.utf8).withUnsafeBufferPointer { DecimalNumber.parse($0) }
    }

    @Test(arguments: [
        ("0", 0), ("-0", -0.0), ("7", 7), ("+7", 7), ("-12.5", -12.5), (".5", 0.5), ("5.", 5), ("1e3", 1000),
        ("1E-3", 0.001),
        ("1.25e+2", 125), ("0.1", 0.1), ("123456789012345678901234567890", 1.2345678901234568e29), ("1e400", .infinity),
        ("1e-400", 0), ("0e999999999999999999999", 0), ("9007199254740993", 9_007_199_254_740_992),
        ("0.000000000000000000000000000001", 1e-30), ("00000000000000000000000000012", 12),
    ]) func numbers(text: String, value: Double) { #expect(parse(text) == value) }

    @Test(arguments: [
        "", "-", "+", ".", "e5", "1e", "1e+", "1.2.3", "0x10", "1_000", "nan", "inf", "1 2", "1,5", "--1", "1e5.5",
        "12a",
    ]) func others(text: String) { #expect(parse(text) == nil) }

    @Test func agreesWithTheStandardLibrary() {
        var random = SeededGenerator(8)
        for _ in 0..<20_000 {
            let value = Double(bitPattern: random.next())
            guard value.isFinite else { continue }
            let small = Double.random(in: -1000...1000, using: &random)
            let texts = ["\(value)", "\(small)", String(format: "%.4f", small), String(format: "%.25f", small)]
            for text in texts { #expect(parse(text) == Double(text), "\(text)") }
        }
    }
}
