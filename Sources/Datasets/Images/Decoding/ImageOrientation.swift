/// How a picture is to be turned to be seen upright, by the tag 0x0112 of Exif 2.3 (section 4.6.4).
struct ImageOrientation: Equatable {
    /// As it is.
    static let upright = ImageOrientation(tag: 1)

    /// 1 to 8.
    private let tag: Int

    /// Takes the value of the tag; one that there is not is upright.
    init(tag: Int) { self.tag = (1...8).contains(tag) ? tag : 1 }

    /// Whether rows become columns.
    var isSideways: Bool { tag > 4 }

    /// The place in the stored picture, of so many rows and columns, that a place of the upright one shows.
    func stored(row: Int, column: Int, rows: Int, columns: Int) -> (row: Int, column: Int) {
        let (lastRow, lastColumn) = (rows - 1, columns - 1)
        return switch tag {
        case 2: (row, lastColumn - column)
        case 3: (lastRow - row, lastColumn - column)
        case 4: (lastRow - row, column)
        case 5: (column, row)
        case 6: (lastRow - column, row)
        case 7: (lastRow - column, lastColumn - row)
        case 8: (column, lastColumn - row)
        default: (row, column)
        }
    }
}

extension ImageOrientation {
    /// What the first Exif segment of a JPEG file says; upright where it has none, or none that can be read.
    init(jpeg contents: [UInt8]) {
        self = contents.withUnsafeBytes { bytes in
            // Segments of a marker and a length stand before the first scan.
            var at = 2
            while at + 4 <= bytes.count, bytes[at] == 0xFF, bytes[at + 1] != 0xDA {
                let length = Int(bytes[at + 2]) << 8 | Int(bytes[at + 3])
                let end = at + 2 + length
                guard length >= 2, end <= bytes.count else { break }
                let body = UnsafeRawBufferPointer(rebasing: bytes[(at + 4)..<end])
                if bytes[at + 1] == 0xE1, body.starts(with: Array("Exif\0\0".utf8)) {
                    return ImageOrientation(tiff: UnsafeRawBufferPointer(rebasing: body[6...]))
                }
                at = end
            }
            return .upright
        }
    }

    /// What the first folder of entries of a TIFF header says.
    init(tiff bytes: UnsafeRawBufferPointer) {
        self = .upright
        guard bytes.count >= 8 else { return }
        let isLittle = bytes[0] == 0x49
        func number(_ at: Int, _ width: Int) -> Int {
            guard at >= 0, at + width <= bytes.count else { return 0 }
            let digits = bytes[at..<(at + width)]
            return isLittle ? digits.reversed().reduce(0) { $0 << 8 | Int($1) } : digits.reduce(0) { $0 << 8 | Int($1) }
        }
        guard number(2, 2) == 42 else { return }
        let folder = number(4, 4)
        // An entry has a tag, a type, a count and a value.
        for entry in 0..<number(folder, 2) where folder + 2 + entry * 12 + 12 <= bytes.count {
            let at = folder + 2 + entry * 12
            if number(at, 2) == 0x0112 {
                self.init(tag: number(at + 8, 2))
                return
            }
        }
    }
}
