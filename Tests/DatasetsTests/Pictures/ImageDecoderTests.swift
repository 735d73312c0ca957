import Foundation
import TestSupport
import Testing

@testable import Datasets

@Suite struct ImageDecoderTests {
    private static let all = ImageFit.Target(height: 1 << 20, width: 1 << 20)

    private func decode(_ name: String) throws -> DecodedImage {
        try ImageDecoder.decode(PictureFixtures.bytes(name), wanted: Self.all).image
    }

    /// Every depth and kind of PNG, to the byte.
    @Test(arguments: [
        "grey1", "grey2", "grey4", "grey8", "grey16", "colour8", "colour16", "palette1", "palette2", "palette4",
        "palette8", "transparent8", "transparent16", "greytransparent8", "palettetransparent2", "interlaced8",
    ]) func png(name: String) throws {
        let image = try decode("\(name).png"), shown = try PictureFixtures.shown("\(name).png")
        #expect(image.height == shown.height && image.width == shown.width)
        #expect(image.pixels == shown.pixels)
        #expect(image.orientation == .upright)
    }

    /// Every kind of JPEG, but for what versions of the decoder round otherwise.
    @Test(arguments: ["colour444", "colour420", "progressive", "grey", "cmyk"]) func jpeg(name: String) throws {
        let image = try decode("\(name).jpg"), shown = try PictureFixtures.shown("\(name).jpg")
        #expect(image.height == shown.height && image.width == shown.width)
        let far = zip(image.pixels, shown.pixels).map { abs(Int($0) - Int($1)) }.max() ?? 255
        #expect(far <= 2, "\(name) is off by \(far)")
    }

    /// What is packed by arithmetic coding in place of Huffman's holds the same coefficients, one scan or several.
    @Test(arguments: ["arithmetic", "arithmeticprogressive"]) func arithmeticCoding(name: String) throws {
        #expect(try decode("\(name).jpg").pixels == decode("colour444.jpg").pixels)
        let bytes = try PictureFixtures.bytes("\(name).jpg")
        for count in stride(from: 1, to: bytes.count - 1, by: 7) { _ = fault(Array(bytes[..<count])) }
    }

    /// Red at the left, green at the top right, blue below it, whichever way the picture lies.
    @Test(arguments: (1...8).map { "turned\($0).jpg" } + ["turned6.png"]) func orientation(name: String) throws {
        let image = try decode(name)
        #expect((image.width, image.height) == (image.orientation.isSideways ? (16, 24) : (24, 16)))
        let small = image.fitted(.init(height: 16, width: 24), channels: 3, fit: .stretch)
        func pixel(_ row: Int, _ column: Int) -> [Int] { (0..<3).map { Int(small[(row * 24 + column) * 3 + $0]) } }
        for (row, column, channel) in [(2, 2, 0), (13, 2, 0), (2, 20, 1), (13, 20, 2)] {
            let found = pixel(row, column)
            #expect(found[channel] > 200 && found.reduce(0, +) - found[channel] < 100, "\(row), \(column): \(found)")
        }
    }

    /// As Pillow resizes, which rounds after the first direction.
    @Test func resizing() throws {
        let image = try decode("resized.png")
        for (name, fit, height, width) in [
            ("stretch 8x8", ImageFit.stretch, 8, 8), ("crop 8x8", .crop, 8, 8), ("stretch 48x50", .stretch, 48, 50),
        ] {
            let found = image.fitted(.init(height: height, width: width), channels: 3, fit: fit)
            let expected = try PictureFixtures.resized(name)
            let far = zip(found, expected).map { abs(Int($0) - Int($1)) }.max() ?? 255
            #expect(found.count == expected.count && far <= 1, "\(name) is off by \(far)")
        }
    }

    /// The same size changes nothing, and one channel is the brightness.
    @Test func sameSize() throws {
        let image = try decode("colour8.png"), target = ImageFit.Target(height: image.height, width: image.width)
        #expect(image.fitted(target, channels: 3, fit: .crop) == image.pixels)
        let grey = try decode("grey8.png")
        #expect(
            grey.fitted(target, channels: 1, fit: .crop)
                == stride(from: 0, to: grey.pixels.count, by: 3).map { grey.pixels[$0] })
        let red = DecodedImage(width: 1, height: 1, pixels: [200, 100, 50], orientation: .upright)
        #expect(red.fitted(.init(height: 1, width: 1), channels: 1, fit: .crop) == [124])
    }

    /// Weights of a place add up to 1, and nothing of what is cut off shows.
    @Test(arguments: [(3, 0.0, 10.0, 10), (10, 0, 3, 3), (4, 2.5, 5, 10), (7, 1.25, 0.5, 2), (1, 0, 1, 1)])
    func filters(places: Int, start: Double, length: Double, samples: Int) {
        let filter = ImageFilter(places: places, over: .init(start: start, length: length), of: samples)
        var at = 0
        for place in 0..<places {
            let own = filter.weights[at..<(at + filter.counts[place])]
            #expect(!own.isEmpty && abs(own.reduce(0, +) - 1) < 1e-5)
            #expect(filter.starts[place] >= 0 && filter.starts[place] + filter.counts[place] <= samples)
            at += filter.counts[place]
        }
    }

    /// A JPEG that is far larger than wanted is decoded smaller.
    @Test func smallerDecoding() throws {
        let bytes = try PictureFixtures.bytes("colour444.jpg")
        let quarter = try ImageDecoder.decode(bytes, wanted: .init(height: 3, width: 5)).image
        #expect(quarter.width == 10 && quarter.height == 6)
        let whole = try ImageDecoder.decode(bytes, wanted: .init(height: 13, width: 5)).image
        #expect(whole.width == 40)
    }

    // MARK: Faults

    private func fault(_ bytes: [UInt8]) -> String? {
        do throws(ImageFault) {
            _ = try ImageDecoder.decode(bytes, wanted: Self.all)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func bombsAreToldFromTheirHeaders() throws {
        for name in ["bomb.png", "flatbomb.png"] {
            let said = try #require(fault(PictureFixtures.bytes(name)))
            #expect(said.contains("000 pixels, where at most 67108864 are decoded"), "\(said)")
        }
        // A JPEG of 65,500 x 65,500: the sizes stand behind the marker of the frame.
        var jpeg = try PictureFixtures.bytes("colour444.jpg")
        let frame = try #require((0..<jpeg.count - 9).first { jpeg[$0] == 0xFF && jpeg[$0 + 1] == 0xC0 })
        jpeg.replaceSubrange((frame + 5)..<(frame + 9), with: [0xFF, 0xDC, 0xFF, 0xDC])
        #expect(fault(jpeg)?.contains("65500 x 65500 pixels") == true)
    }

    /// Every chunk has a checksum; one that is wrong is a damaged file, whatever it holds.
    @Test func aWrongChecksumIsTold() throws {
        for name in ["colour8.png", "interlaced8.png", "palette4.png"] {
            let bytes = try PictureFixtures.bytes(name)
            // That of the header ends at 33, that of the last chunk with the file.
            for place in [32, bytes.count - 1, bytes.count - 16] {
                var changed = bytes
                changed[place] ^= 1
                let said = try #require(fault(changed), "\(name), \(place)")
                #expect(said.hasPrefix("is damaged PNG: ") && said.hasSuffix("; fetch it again"), "\(said)")
            }
        }
    }

    @Test func whatIsNoPicture() {
        #expect(fault([]) == "is empty; fetch it again")
        #expect(fault(Array("GIF89a....".utf8))?.hasPrefix("is a GIF picture, by its contents") == true)
        #expect(fault(Array("<html><body>Not found</body></html>".utf8))?.hasPrefix("is an HTML page") == true)
        #expect(fault([1, 2, 3, 250, 200])?.hasPrefix("is neither PNG nor JPEG") == true)
    }

    /// Cut anywhere or with a byte changed, a file is read or refused, and never more than that.
    @Test func damagedFiles() throws {
        var refused = 0
        for name in ["colour8.png", "interlaced8.png", "palette4.png", "colour420.jpg", "progressive.jpg", "cmyk.jpg"] {
            let bytes = try PictureFixtures.bytes(name)
            for count in stride(from: 1, to: bytes.count - 1, by: max(1, bytes.count / 40)) {
                // The last bytes of a JPEG are the mark of its end, which decoders do without.
                if fault(Array(bytes[..<count])) != nil {
                    refused += 1
                } else {
                    #expect(count > bytes.count / 2, "\(name)")
                }
            }
            var random = SeededGenerator(5)
            for _ in 0..<60 {
                var changed = bytes
                changed[Int.random(in: 8..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
                _ = fault(changed)
            }
        }
        #expect(refused > 100)
    }
}
