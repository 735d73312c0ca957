/// What the header of a file says of the one array in it, whatever the format.
struct ArrayHeader {
    /// How the numbers are stored.
    let type: ElementType
    /// The dimensions, the slowest first.
    let shape: [Int]
    /// Whether the first index runs fastest, as in Fortran; otherwise the last does.
    var isFortran = false

    /// The number of values, checked against overflow together with their bytes.
    func count(file: String) throws -> Int {
        _ = try Checked.product(shape + [type.width], file: file, most: .max)
        return shape.reduce(1, *)
    }

    /// The dimensions and the width of a value, as errors name them.
    var claim: String { (shape + [type.width]).map(String.init).joined(separator: " x ") + " bytes" }

    /// The images that the array is, of shape (count, rows, columns) or (count, rows, columns, channels).
    ///
    /// - Throws: `DatasetError` for another shape or order.
    func layout(file: String) throws -> ImageLayout {
        guard (3...4).contains(shape.count) else {
            let remedy =
                switch shape.count {
                case 1: "check that images and labels are not swapped"
                case 2:
                    "where its rows are whole images, write a.reshape(-1, rows, columns, channels); of vectors write "
                        + "inputs: in place of images:"
                default: "write one image for each first index"
                }
            throw DatasetError.otherShape(
                file: file, expected: "images of shape (count, rows, columns) or (count, rows, columns, channels)",
                found: "\(shape.count) dimensions, \(Self.text(shape))", remedy: remedy)
        }
        try checkOrder(file: file)
        guard shape[0] > 0 else { throw DatasetError.empty(file: file) }
        guard !shape.contains(0) else {
            throw DatasetError.badHeader(
                file: file, reason: "a dimension is zero: image shape \(Self.imageText(shape))")
        }
        _ = try count(file: file)
        return ImageLayout(
            count: shape[0], height: shape[1], width: shape[2], channels: shape.count == 4 ? shape[3] : 1,
            valueBytes: type.pixelBytes)
    }

    /// The labels that the array is: one number for each image, in whatever rank, or rows of zeros with a one.
    ///
    /// - Returns: How many labels, and how many values stand for each.
    /// - Throws: `DatasetError` for another shape or order.
    func labelLayout(file: String) throws -> (count: Int, width: Int) {
        guard !shape.contains(0) else { throw DatasetError.empty(file: file) }
        let sides = shape.filter { $0 > 1 }
        let count = try count(file: file)
        // A row or a column of labels is a list of them; with one image all dimensions are 1.
        if sides.count <= 1, !shape.isEmpty { return (count, 1) }
        guard shape.count == 2 else {
            let remedy = shape.count > 2 ? "check that images and labels are not swapped" : "write one label an image"
            throw DatasetError.otherShape(
                file: file, expected: "labels of shape (count)",
                found: "\(shape.count) dimensions, \(Self.text(shape))", remedy: remedy)
        }
        try checkOrder(file: file)
        return (shape[0], shape[1])
    }

    /// The rows of numbers that the array is, of shape (count, numbers), or (count) for one number each.
    ///
    /// - Parameter what: What errors call the rows.
    /// - Throws: `DatasetError` for another shape or order.
    func rowLayout(_ what: String, file: String) throws -> (count: Int, width: Int) {
        guard (1...2).contains(shape.count) else {
            throw DatasetError.otherShape(
                file: file, expected: "\(what) of shape (count, numbers)",
                found: "\(shape.count) dimensions, \(Self.text(shape))",
                remedy: shape.count > 2
                    ? "name images under images:, or write a.reshape(len(a), -1)" : "write one row for each example")
        }
        try checkOrder(file: file)
        guard !shape.contains(0) else { throw DatasetError.empty(file: file) }
        _ = try count(file: file)
        return (shape[0], shape.count == 2 ? shape[1] : 1)
    }

    private func checkOrder(file: String) throws {
        guard isFortran, shape.count(where: { $0 > 1 }) > 1 else { return }
        throw DatasetError.otherShape(
            file: file, expected: "C order", found: "Fortran order",
            remedy: "write numpy.ascontiguousarray(a)")
    }

    private static func text(_ shape: [Int]) -> String { "(\(shape.map(String.init).joined(separator: ", ")))" }

    private static func imageText(_ shape: [Int]) -> String {
        shape.dropFirst().map(String.init).joined(separator: " x ")
    }
}

/// The formats whose files hold one array each, with a header that says which.
public enum ArrayFormat: Sendable, Equatable {
    /// The format of MNIST and its kin.
    case idx
    /// What `numpy.save` writes.
    case npy

    /// What errors call a file of the format.
    var name: String {
        switch self {
        case .idx: "an IDX file"
        case .npy: "a NumPy array (.npy)"
        }
    }

    /// Reads the header and leaves the stream at the first value.
    ///
    /// - Parameter rank: The dimensions that are usual for what is wanted, which errors name.
    /// - Throws: `DatasetError`; where the file is of a known format, `otherFormat` with what to do.
    func header(_ stream: ByteStream, of file: DataFile, rank: Int) throws -> ArrayHeader {
        do {
            switch self {
            case .idx: return try IDXHeader.read(stream, rank: rank)
            case .npy: return try NPYHeader.read(stream)
            }
        } catch let error as DatasetError {
            switch error {
            case .wrongMagic, .truncated, .tooLarge: throw ContentKind.explain(error, file, expected: name)
            default: throw error
            }
        }
    }
}

/// How a file stores one number.
struct ElementType: Sendable, Equatable {
    /// What the bits mean.
    enum Kind: Sendable, Equatable {
        /// 0 or 1 in a byte.
        case boolean
        /// A whole number from 0 on.
        case unsigned
        /// A whole number in two's complement.
        case signed
        /// A number of IEEE 754.
        case float
    }

    /// What the bits mean.
    let kind: Kind
    /// Bytes of a number: 1, 2, 4 or 8.
    let width: Int
    /// Whether the highest byte comes first; of no meaning in one byte.
    var isBigEndian = false

    /// Whether pixels of it stay bytes, which count as value / 255.
    var isByte: Bool { kind == .unsigned && width == 1 }

    /// The bytes that a pixel of it takes in memory.
    var pixelBytes: Int { isByte ? 1 : 4 }
}
