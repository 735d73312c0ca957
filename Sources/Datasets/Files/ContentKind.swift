/// What a file is by its first bytes, for people who give one format under the name of another: the one place that knows.
///
/// It is asked once a file turned out not to be what it should, so that no sound data is ever taken for something else.
struct ContentKind: Equatable {
    /// What it is, with its article.
    let name: String
    /// What to do.
    let remedy: String

    /// Whether it is text of no further kind, as tables are.
    var isText = false

    /// How much of the contents is looked at.
    static let lookedAt = 1 << 16

    /// The error of a reader, or a better one where the file is of a known format.
    static func explain(_ error: DatasetError, _ file: DataFile, expected: String) -> DatasetError {
        guard let kind = of(file), kind.name != expected else { return error }
        return .otherFormat(file: file.path, expected: expected, found: kind.name, remedy: kind.remedy)
    }

    /// What a file is, looking into gzip; nil where its bytes tell nothing, or cannot be read.
    static func of(_ file: DataFile) -> ContentKind? {
        guard let stream = try? ByteStream(file) else { return nil }
        var start = [UInt8](repeating: 0, count: lookedAt)
        guard let found = try? start.withUnsafeMutableBytes({ try stream.readSome(into: $0) }) else { return nil }
        start.removeSubrange(found...)
        // Of packed contents the size is known once they are all unpacked, which is for what nothing else tells.
        return of(start, isPacked: stream.isPacked) {
            guard stream.isPacked else { return stream.most }
            let look = try? ByteStream(file).forEachPiece(within: file.budget) { _ in }
            return look.map { $0.isWhole ? $0.bytes : found } ?? found
        }
    }

    /// - Parameters:
    ///   - start: The first bytes of the contents.
    ///   - isPacked: Whether the contents were unpacked from gzip.
    ///   - size: How many bytes the contents have; asked for at most once, and only where the first bytes leave it open.
    static func of(_ start: [UInt8], isPacked: Bool, size: () -> Int) -> ContentKind? {
        if isTar(start) { return tar(start, isPacked: isPacked) }
        if start.starts(with: [0x50, 0x4B, 0x03, 0x04]) { return zip(start) }
        if start.starts(with: NPYHeader.magic) { return npy }
        for (bytes, offset, kind) in signatures where start.dropFirst(offset).starts(with: bytes) { return kind }
        if start.count >= 4, start[0] == 0, start[1] == 0, [8, 9, 11, 12, 13, 14].contains(start[2]),
            (1...8).contains(start[3])
        {
            return idx
        }
        if isPickle(start) { return pickle }
        // Of records without a header the sizes and the labels tell, and zeros could be anything.
        if start.allSatisfy({ $0 == 0 }) { return start.isEmpty ? nil : zeros }
        return records(start, size: size) ?? text(start)
    }

    // MARK: Kinds

    private static let npy = ContentKind(
        name: ArrayFormat.npy.name, remedy: "set data.format: npy, or name another file")
    private static let idx = ContentKind(
        name: ArrayFormat.idx.name, remedy: "set data.format: idx, or name another file")
    private static let cifar10 = ContentKind(
        name: CIFARKind.ten.name, remedy: "set data.format: cifar10 with train and test as lists of files")
    private static let cifar100 = ContentKind(
        name: CIFARKind.hundred.name, remedy: "set data.format: cifar100 with train and test as lists of files")
    private static let pickle = ContentKind(
        name: "a Python pickle, as the Python version of CIFAR has them",
        remedy: "fetch the binary version (cifar-10-binary.tar.gz) and unpack it, or write the arrays with numpy.save "
            + "and set data.format: npy")
    private static let zeros = ContentKind(
        name: "nothing but zeros", remedy: "a download or a copy was not completed: fetch the file again")

    private static func picture(_ name: String, isRead: Bool = false) -> ContentKind {
        ContentKind(
            name: name,
            remedy: (isRead ? "put pictures into" : "save pictures as PNG or JPEG, in")
                + " a folder for each class, and set data.format: image-folder")
    }

    private static func archive(_ name: String, _ tool: String) -> ContentKind {
        ContentKind(
            name: name,
            remedy: "unpack it (\(tool)) and name the files that were in it; of packed files gzip alone is read")
    }

    private static func arrays(_ name: String) -> ContentKind {
        ContentKind(
            name: name,
            remedy: "load it in Python, write images and labels with numpy.save, and set data.format: npy")
    }

    private static let signatures: [(bytes: [UInt8], offset: Int, kind: ContentKind)] = [
        (
            Array("version https://git-lfs".utf8), 0,
            ContentKind(
                name: "a pointer of Git LFS", remedy: "run git lfs pull where it lies, or fetch the file itself")
        ),
        (
            Array("/annex/objects/".utf8), 0,
            ContentKind(name: "a pointer of git-annex", remedy: "run git annex get, or fetch the file itself")
        ),
        (Array("\u{89}PNG".unicodeScalars.map { UInt8($0.value) }), 0, picture("a PNG picture", isRead: true)),
        ([0xFF, 0xD8, 0xFF], 0, picture("a JPEG picture", isRead: true)),
        (Array("GIF8".utf8), 0, picture("a GIF picture")),
        ([0x49, 0x49, 0x2A, 0x00], 0, picture("a TIFF picture")),
        ([0x4D, 0x4D, 0x00, 0x2A], 0, picture("a TIFF picture")),
        (Array("WEBP".utf8), 8, picture("a WebP picture")),
        (
            [0x1F, 0x8B], 0,
            ContentKind(name: "gzip within gzip", remedy: "unpack it once (gunzip); one layer is read packed")
        ),
        ([0x1F, 0x9D], 0, archive("data packed by compress", "uncompress")),
        (Array("BZh".utf8), 0, archive("data packed by bzip2", "bunzip2")),
        ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], 0, archive("data packed by xz", "unxz")),
        ([0x28, 0xB5, 0x2F, 0xFD], 0, archive("data packed by zstd", "unzstd")),
        ([0x04, 0x22, 0x4D, 0x18], 0, archive("data packed by lz4", "unlz4")),
        ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], 0, archive("a 7z archive", "7z x")),
        (Array("Rar!".utf8), 0, archive("a RAR archive", "unrar x")),
        ([0x50, 0x4B, 0x05, 0x06], 0, archive("an empty zip archive", "unzip")),
        ([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A], 0, arrays("an HDF5 file")),
        (Array("MATLAB".utf8), 0, arrays("a MATLAB file")),
        (Array("PAR1".utf8), 0, arrays("a Parquet file")),
        (Array("ARROW1".utf8), 0, arrays("an Arrow file")),
        (Array("SQLite format 3".utf8), 0, arrays("an SQLite database")),
    ]

    // MARK: Telling

    /// Whether the first block is the header of a tar archive, by its checksum: that of old ones too, which have no magic.
    private static func isTar(_ start: [UInt8]) -> Bool {
        guard start.count >= 512, start[0] != 0 else { return false }
        guard let sum = octal(start[148..<156]) else { return false }
        return sum == (0..<512).reduce(0) { $0 + ((148..<156).contains($1) ? 0x20 : Int(start[$1])) }
    }

    private static func tar(_ start: [UInt8], isPacked: Bool) -> ContentKind {
        // Headers of further attributes (pax) come before the first entry.
        var header = start[...]
        while header.count > 512, let type = header.dropFirst(156).first, type == 0x78 || type == 0x67,
            let bytes = octal(header.dropFirst(124).prefix(12)), bytes < Self.lookedAt
        {
            header = header.dropFirst(512 + (bytes + 511) / 512 * 512)
        }
        let first = String(decoding: header.prefix(100).prefix { $0 != 0 }, as: UTF8.self)
        let name = isPacked ? "a packed tar archive (.tar.gz)" : "a tar archive"
        let inside = first.isEmpty ? "" : " of \(first.split(separator: "/").first ?? "")"
        if first.hasPrefix("cifar-10-batches-py") || first.hasPrefix("cifar-100-python") {
            return ContentKind(name: name + inside, remedy: pickle.remedy)
        }
        return ContentKind(
            name: name + inside, remedy: "unpack it (tar -xf) and name the files that were in it")
    }

    /// A number in the octal digits of a field; nil where it has none.
    private static func octal(_ field: ArraySlice<UInt8>) -> Int? {
        let digits = field.drop { $0 == 0x20 }.prefix { (0x30...0x37).contains($0) }
        return Int(String(decoding: digits, as: UTF8.self), radix: 8)
    }

    private static func zip(_ start: [UInt8]) -> ContentKind {
        let length = start.count > 30 ? Int(start[26]) | Int(start[27]) << 8 : 0
        let first = String(decoding: start.dropFirst(30).prefix(length), as: UTF8.self)
        if first.hasSuffix(".npy") {
            return ContentKind(
                name: "an archive of NumPy arrays (.npz)",
                remedy: "set data.format: npz with file, images and labels of train and test")
        }
        if first.hasSuffix("/data.pkl") { return arrays("a file of PyTorch") }
        return archive("a zip archive", "unzip")
    }

    /// Whether the start is that of a pickle, of protocol 2 or later, or of what Python 2 wrote.
    private static func isPickle(_ start: [UInt8]) -> Bool {
        guard start.count > 3 else { return false }
        // The protocol, and then what every pickle of data begins with: a frame, a dictionary, list, tuple, or a class.
        if start[0] == 0x80 {
            return (2...5).contains(start[1]) && [0x95, 0x7D, 0x5D, 0x28, 0x63, 0x8A].contains(start[2])
        }
        return [Array("(dp".utf8), Array("(lp".utf8), Array("cnumpy".utf8)].contains { start.starts(with: $0) }
    }

    /// The kind of CIFAR that contents can be by their labels and their size: two records or more.
    private static func records(_ start: [UInt8], size: () -> Int) -> ContentKind? {
        let kinds = [(CIFARKind.ten.record, [10], cifar10), (CIFARKind.hundred.record, [20, 100], cifar100)]
            .filter { length, bounds, _ in start.count > length && hasLabels(start, of: length, below: bounds) }
        guard !kinds.isEmpty else { return nil }
        let size = size()
        return kinds.first { length, _, _ in size > length && size % length == 0 }?.2
    }

    /// Whether all records of a length begin with labels below bounds.
    private static func hasLabels(_ start: [UInt8], of length: Int, below bounds: [UInt8]) -> Bool {
        stride(from: 0, to: start.count - bounds.count + 1, by: length).allSatisfy { record in
            bounds.enumerated().allSatisfy { start[record + $0.offset] < $0.element }
        }
    }

    private static func text(_ start: [UInt8]) -> ContentKind? {
        let bytes = start.starts(with: [0xEF, 0xBB, 0xBF]) ? start.dropFirst(3) : start[...]
        let isText = bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F || [0x09, 0x0A, 0x0C, 0x0D].contains($0) }
        guard isText, bytes.count > 1 else { return nil }
        let first = bytes.drop { $0 <= 0x20 }.prefix(64)
        let word = String(decoding: first, as: UTF8.self).lowercased()
        if word.hasPrefix("<!doctype html") || word.hasPrefix("<html") || word.hasPrefix("<head") {
            return ContentKind(
                name: "an HTML page",
                remedy: "a server sent a page in place of the file: fetch the file itself, and look at the page why")
        }
        if word.hasPrefix("<?xml") || word.hasPrefix("<error") {
            return ContentKind(
                name: "an XML document", remedy: "a server sent a message in place of the file: fetch the file itself")
        }
        // Bytes above 127 in any order are no text; a sign at the end may be cut.
        let whole = String(decoding: bytes.prefix(512), as: UTF8.self)
        guard whole.count(where: { $0 == "\u{FFFD}" }) <= 1 else { return nil }
        let isTable = whole.contains(",") && whole.contains("\n")
        return ContentKind(
            name: isTable ? "a text file, such as a table (CSV)" : "a text file",
            remedy: isTable
                ? "set data.format: csv for a table, or name another file" : "name the file of the data", isText: true)
    }
}
