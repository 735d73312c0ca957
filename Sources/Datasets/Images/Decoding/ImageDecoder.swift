/// The pixels of a picture as its file has them, before it is turned and resized.
struct DecodedImage {
    /// Columns.
    let width: Int
    /// Rows.
    let height: Int
    /// Red, green and blue of each pixel, row by row; what is transparent lies over white.
    let pixels: [UInt8]
    /// How it is to be turned to be seen upright.
    let orientation: ImageOrientation
}

/// Reads PNG and JPEG, by their first bytes and not by their names.
public enum ImageDecoder {
    /// The most bytes of a file that are read: a photograph of 64 million pixels without any loss has fewer.
    public static let mostBytes = 256 << 20
    /// The most pixels that are decoded, told from the header before memory is taken for them.
    public static let mostPixels = 1 << 26
    /// Bytes of a pixel while it is decoded, at most: eight of coefficients of a progressive JPEG of four inks, and four of what comes of
    /// them.
    static let bytesOfPixel = 12

    /// A format of pictures.
    enum Format: String {
        case png = "PNG"
        case jpeg = "JPEG"

        /// The endings of names that files of it have.
        private static let endings: [String: Format] = [
            "png": .png, "jpg": .jpeg, "jpeg": .jpeg, "jpe": .jpeg, "jfif": .jpeg,
        ]

        /// The format that the name of a file promises; nil for no picture.
        init?(name: String) {
            guard let dot = name.lastIndex(of: "."),
                let format = Self.endings[name[name.index(after: dot)...].lowercased()]
            else { return nil }
            self = format
        }

        /// The format that the contents of a file have; nil for another.
        init?(contents: [UInt8]) {
            if contents.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
                self = .png
            } else if contents.starts(with: [0xFF, 0xD8, 0xFF]) {
                self = .jpeg
            } else {
                return nil
            }
        }
    }

    /// Decodes a file.
    ///
    /// - Parameters:
    ///   - contents: All bytes of the file.
    ///   - wanted: The rows and columns that are wanted of it, before it is turned: a JPEG that is far larger is decoded to a
    ///     half, a quarter or an eighth of its size, never below twice of these.
    /// - Throws: What is wrong with it.
    static func decode(
        _ contents: [UInt8], wanted: ImageFit.Target
    ) throws(ImageFault) -> (image: DecodedImage, format: Format) {
        guard !contents.isEmpty else { throw .empty }
        guard let format = Format(contents: contents) else {
            throw .otherKind(found: ContentKind.of(contents, isPacked: false, size: { contents.count })?.name)
        }
        let image =
            switch format {
            case .png: try PNGCodec.decode(contents)
            case .jpeg: try JPEGCodec.decode(contents, wanted: wanted)
            }
        return (image, format)
    }

    /// Refuses sizes that no memory is taken for.
    static func check(width: Int, height: Int, format: Format) throws(ImageFault) {
        guard width > 0, height > 0 else { throw .damaged(format: format.rawValue, reason: "it has no pixels") }
        let (pixels, over) = width.multipliedReportingOverflow(by: height)
        guard !over, pixels <= mostPixels else { throw .manyPixels(width: width, height: height) }
    }

    /// Makes room for so many bytes and has them written.
    static func room(
        _ count: Int, _ body: (UnsafeMutableBufferPointer<UInt8>) throws(ImageFault) -> Void
    ) throws(ImageFault) -> [UInt8] {
        guard Checked.hasRoom(count) else { throw .noRoom(bytes: count) }
        var fault: ImageFault?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            buffer.initialize(repeating: 0)
            do throws(ImageFault) { try body(buffer) } catch { fault = error }
            initialized = count
        }
        if let fault { throw fault }
        return bytes
    }
}
