import Foundation
import TestSupport
import Testing

@testable import Datasets

@Suite struct NPYTests {
    static let pixels = (0..<12).map { UInt8($0) }
    static let labels = Files.npy("<i8", "(2,)", Files.little([1, 0] as [Int64]))

    static func read(_ images: [UInt8], _ labels: [UInt8], classes: Int? = nil) throws -> ImageSet {
        var result: ImageSet?
        try withDirectory { directory in
            try Files.write(images, directory + "/x.npy")
            try Files.write(labels, directory + "/y.npy")
            result = try ArrayReader(.npy).read(
                images: DataFile(directory + "/x.npy"), labels: DataFile(directory + "/y.npy"), classes: classes)
        }
        return try #require(result)
    }

    @Test(arguments: [1, 2, 3] as [UInt8]) func versions(version: UInt8) throws {
        let images = try Self.read(
            Files.npy("|u1", "(2, 2, 3)", Self.pixels, version: version), Self.labels)
        #expect(images.shapeDescription == "2 x 3 x 1")
        #expect(images.pixels == .bytes(Self.pixels))
        #expect(images.labels == [1, 0])
    }

    @Test func floatsWithChannels() throws {
        let values: [Float] = [0, -1, 2.5, 3, 4, 5, 6, 7]
        let body = Files.little(values.map(\.bitPattern))
        let images = try Self.read(Files.gzip(Files.npy("<f4", "(2, 1, 2, 2)", body)), Self.labels)
        #expect(images.shapeDescription == "1 x 2 x 2")
        #expect(images.pixels == .floats(values))
    }

    @Test(arguments: [
        ("|i1", Files.little([5, 0] as [Int8])), ("<i2", Files.little([5, 0] as [Int16])),
        ("<i4", Files.little([5, 0] as [Int32])), ("<i8", Files.little([5, 0] as [Int64])),
        ("|u1", Files.little([5, 0] as [UInt8])), ("<u2", Files.little([5, 0] as [UInt16])),
        ("<u4", Files.little([5, 0] as [UInt32])), ("<u8", Files.little([5, 0] as [UInt64])),
    ]) func labelTypes(type: String, body: [UInt8]) throws {
        let images = try Self.read(Files.npy("|u1", "(2, 2, 3)", Self.pixels), Files.npy(type, "(2,)", body))
        #expect(images.labels == [5, 0])
        #expect(images.classes == 6)
    }

    static let faults: [(images: [UInt8], labels: [UInt8], message: String)] = {
        let images = Files.npy("|u1", "(2, 2, 3)", pixels)
        var records = images
        let descriptor = Array("'|u1'".utf8)
        if let place = images.firstIndex(of: UInt8(ascii: "|")) {
            records.replaceSubrange((place - 1)..<(place - 1 + descriptor.count), with: Array("['a']".utf8))
        }
        func shaped(_ shape: String) -> [UInt8] { Files.npy("|u1", shape, pixels) }
        return [
            ([], labels, "x.npy: holds no samples"),
            ([1] + images.dropFirst(), labels, "expected magic 93 4e"),
            (Files.npy("|u1", "(2, 2, 3)", pixels, version: 4), labels, "found version 4"),
            (Files.npy("|u1", "(2, 2, 3)", pixels, fortran: true), labels, "found Fortran order"),
            (Files.npy("<c8", "(2, 2, 3)", pixels), labels, "found <c8: complex numbers; write their real part"),
            (Files.npy("|O", "(2, 2, 3)", pixels), labels, "found |O: Python objects; write a plain array"),
            (records, labels, "found an array of records; write one of their fields"),
            (shaped("(12,)"), labels, "found 1 dimensions"),
            (shaped("()"), labels, "found 0 dimensions"),
            (shaped("(0, 2, 3)"), labels, "x.npy: holds no samples"),
            (shaped("(2, 0, 3)"), labels, "a dimension is zero"),
            (shaped("(4294967296, 4294967296, 1)"), labels, "the header claims 4294967296 x"),
            (shaped("(99999999999999999999, 1, 1)"), labels, "a size below 2^63"),
            (shaped("(-1, 1, 1)"), labels, "a size below 2^63"),
            (shaped("(2, 2, 3"), labels, "expected"),
            (shaped("(2, 2, 2)"), labels, "more bytes follow"),
            (shaped("(2, 2, 4)"), labels, "cut short"),
            (shaped("(3, 2, 2)"), labels, "holds 3 images but"),
            (Array(images[..<20]), labels, "cut short|possible here"),
            (images, Files.npy("<i4", "(2,)", Files.little([0, -7] as [Int32])), "label -7 of sample 1"),
            (images, Files.npy("<u8", "(2,)", Files.little([.max, 0] as [UInt64])), "of sample 0 is outside"),
            (
                images, Files.npy("<f4", "(2,)", Files.little([0, (0.5 as Float).bitPattern])),
                "expected labels that are whole numbers, found 0.5 as value 1"
            ),
            (images, Files.npy("<U5", "(2,)", pixels), "found <U5: texts; write numbers"),
            (
                images, Files.npy("|u1", "(2, 3)", [0, 1, 0, 1, 0, 1]),
                "found other values in row 1; write the labels as a list"
            ),
            (images, Files.npy("|u1", "(2, 3)", [0, 1, 0, 0, 0, 0]), "found only zeros in row 1"),
            (
                images, images,
                "y.npy: expected labels of shape (count), found 3 dimensions, (2, 2, 3); check that images"
            ),
            (labels, labels, "x.npy: expected images of shape"),
            (shaped("(2, 6)"), labels, "where its rows are whole images, write a.reshape(-1, rows, columns, channels)"),
            (
                Files.npy("<f4", "(2, 1, 1)", Files.little([0, Float.nan.bitPattern])), labels,
                "pixel value 1 is infinite or not a number"
            ),
        ]
    }()

    @Test(arguments: faults.indices) func fault(index: Int) throws {
        let fault = Self.faults[index]
        #expect {
            try Self.read(fault.images, fault.labels)
        } throws: { error in
            let said = fault.message.split(separator: "|").contains { "\(error)".contains($0) }
            if !said { print("fault \(index) said: \(error)") }
            return error is DatasetError && said
        }
    }
}
