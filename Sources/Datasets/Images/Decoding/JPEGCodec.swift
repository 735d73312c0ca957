internal import CImageCodecs

/// JPEG by libjpeg-turbo: grey, colour, CMYK and YCCK, sequential and progressive.
enum JPEGCodec {
    private static let format = ImageDecoder.Format.jpeg

    /// Decodes a file to red, green and blue, at a half, a quarter or an eighth of its size where that has twice as many
    /// rows and columns as are wanted.
    static func decode(_ contents: [UInt8], wanted: ImageFit.Target) throws(ImageFault) -> DecodedImage {
        guard let decoder = tjInitDecompress() else { throw .noRoom(bytes: contents.count) }
        defer { tjDestroy(decoder) }
        var width: Int32 = 0, height: Int32 = 0, sampling: Int32 = 0, space: Int32 = 0
        let status = contents.withUnsafeBufferPointer {
            tjDecompressHeader3(decoder, $0.baseAddress, UInt($0.count), &width, &height, &sampling, &space)
        }
        guard status == 0 else { throw failure(decoder) }
        try ImageDecoder.check(width: Int(width), height: Int(height), format: format)
        let orientation = ImageOrientation(jpeg: contents)
        let scale = scale(Int(width), Int(height), wanted: orientation.isSideways ? wanted.turned : wanted)
        let columns = (Int(width) + scale - 1) / scale, rows = (Int(height) + scale - 1) / scale
        let isInk = space == Int32(TJCS_CMYK.rawValue) || space == Int32(TJCS_YCCK.rawValue)
        let samples = isInk ? 4 : 3
        let decoded = try ImageDecoder.room(rows * columns * samples) { (buffer) throws(ImageFault) in
            let status = contents.withUnsafeBufferPointer {
                tjDecompress2(
                    decoder, $0.baseAddress, UInt($0.count), buffer.baseAddress, Int32(columns), 0, Int32(rows),
                    isInk ? Int32(TJPF_CMYK.rawValue) : Int32(TJPF_RGB.rawValue),
                    // A file of a few bytes may ask for scans without end.
                    TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS)
            }
            guard status == 0 || isHarmless(decoder) else { throw failure(decoder) }
        }
        return DecodedImage(
            width: columns, height: rows, pixels: isInk ? try colours(ofInk: decoded) : decoded,
            orientation: orientation)
    }

    /// By how much the decoder divides both sides.
    private static func scale(_ width: Int, _ height: Int, wanted: ImageFit.Target) -> Int {
        [8, 4, 2].first { width / $0 >= 2 * wanted.width && height / $0 >= 2 * wanted.height } ?? 1
    }

    /// Inks are stored inverted, as Adobe began it and all others do: 255 is no ink.
    private static func colours(ofInk inks: [UInt8]) throws(ImageFault) -> [UInt8] {
        let count = inks.count / 4
        return try ImageDecoder.room(count * 3) { buffer in
            for pixel in 0..<count {
                let black = Int(inks[pixel * 4 + 3])
                for channel in 0..<3 {
                    buffer[pixel * 3 + channel] = UInt8((Int(inks[pixel * 4 + channel]) * black + 127) / 255)
                }
            }
        }
    }

    /// Whether the decoder only complains of bytes between its segments, which cameras write: all pixels are there.
    private static func isHarmless(_ decoder: tjhandle) -> Bool {
        tjGetErrorCode(decoder) == Int32(TJERR_WARNING.rawValue) && message(decoder).contains("extraneous bytes")
    }

    private static func failure(_ decoder: tjhandle) -> ImageFault {
        .damaged(format: format.rawValue, reason: message(decoder))
    }

    private static func message(_ decoder: tjhandle) -> String { String(cString: tjGetErrorStr2(decoder)) }
}
