internal import CImageCodecs

/// PNG by libspng: 1 to 16 bits, grey, colour, palette, with or without transparency, interlaced or not.
enum PNGCodec {
    private static let format = ImageDecoder.Format.png
    /// The most bytes that a chunk beside the pixels may have, and that all of them may take.
    private static let mostChunkBytes = 64 << 20

    /// Decodes a file to red, green and blue; of 16 bits the upper 8 are taken.
    static func decode(_ contents: [UInt8]) throws(ImageFault) -> DecodedImage {
        guard let context = spng_ctx_new(0) else { throw .noRoom(bytes: contents.count) }
        defer { spng_ctx_free(context) }
        var fault: ImageFault?
        var image: DecodedImage?
        // The decoder keeps the address of the contents.
        contents.withUnsafeBytes { bytes in
            do throws(ImageFault) { image = try decode(bytes, context) } catch { fault = error }
        }
        if let fault { throw fault }
        guard let image else { throw .damaged(format: format.rawValue, reason: "it has no pixels") }
        return image
    }

    private static func decode(
        _ contents: UnsafeRawBufferPointer, _ context: OpaquePointer
    ) throws(ImageFault) -> DecodedImage {
        let side = UInt32(ImageDecoder.mostPixels)
        try check(spng_set_image_limits(context, side, side))
        try check(spng_set_chunk_limits(context, mostChunkBytes, mostChunkBytes))
        try check(spng_set_png_buffer(context, contents.baseAddress, contents.count))
        var header = spng_ihdr()
        let status = spng_get_ihdr(context, &header)
        // The limit of a side is told like that of all pixels.
        if status == SPNG_EUSER_WIDTH.rawValue || status == SPNG_EUSER_HEIGHT.rawValue {
            throw .manyPixels(width: size(contents, at: 16), height: size(contents, at: 20))
        }
        try check(status)
        let width = Int(header.width), height = Int(header.height)
        try ImageDecoder.check(width: width, height: height, format: format)
        let count = width * height
        let colours = try ImageDecoder.room(count * 4) { (buffer) throws(ImageFault) in
            try check(
                spng_decode_image(
                    context, buffer.baseAddress, buffer.count, Int32(SPNG_FMT_RGBA8.rawValue),
                    Int32(SPNG_DECODE_TRNS.rawValue)))
        }
        // What stands behind the pixels is told by the end.
        try check(spng_decode_chunks(context))
        let pixels = try ImageDecoder.room(count * 3) { buffer in
            for pixel in 0..<count {
                let alpha = Int(colours[pixel * 4 + 3])
                for channel in 0..<3 {
                    // Over white, rounded to the nearest.
                    let value = Int(colours[pixel * 4 + channel])
                    buffer[pixel * 3 + channel] = UInt8((value * alpha + 255 * (255 - alpha) + 127) / 255)
                }
            }
        }
        return DecodedImage(width: width, height: height, pixels: pixels, orientation: orientation(context))
    }

    private static func orientation(_ context: OpaquePointer) -> ImageOrientation {
        var exif = spng_exif()
        guard spng_get_exif(context, &exif) == 0, let data = exif.data else { return .upright }
        return ImageOrientation(tiff: UnsafeRawBufferPointer(start: data, count: exif.length))
    }

    private static func check(_ status: Int32) throws(ImageFault) {
        guard status != 0 else { return }
        throw .damaged(format: format.rawValue, reason: String(cString: spng_strerror(status)))
    }

    /// A number of four bytes of the header.
    private static func size(_ contents: UnsafeRawBufferPointer, at offset: Int) -> Int {
        contents[offset..<min(offset + 4, contents.count)].reduce(0) { $0 << 8 | Int($1) }
    }
}
