/// Labelled images of one shape, kept as their source has them.
///
/// Bytes stay bytes until a batch is filled, so that a set takes a quarter of the memory that floats would.
public struct ImageSet: Sendable {
    /// Pixel values in the order (image, row, column, channel).
    public enum Pixels: Sendable, Equatable {
        /// Values 0...255; they count as value / 255.
        case bytes([UInt8])
        /// Finite values, taken as they are.
        case floats([Float])

        /// The number of values.
        public var count: Int {
            switch self {
            case .bytes(let values): values.count
            case .floats(let values): values.count
            }
        }
    }

    /// The most classes a set can have: labels are 32 bits wide. What a run may ask for is said where its space is read.
    public static let mostClasses = Int(Int32.max)
    /// The most images a set can have.
    public static let mostImages = Split.mostExamples

    /// Rows of an image.
    public let height: Int
    /// Columns of an image.
    public let width: Int
    /// Channels of a pixel.
    public let channels: Int
    /// The values of all images, `count * height * width * channels` of them.
    public let pixels: Pixels
    /// One label per image, each in `0..<classes`.
    public let labels: [Int32]
    /// The number of classes.
    public let classes: Int
    /// Names of the classes in the order of their labels; nil where they have none.
    public private(set) var classNames: [String]?
    /// What whoever reads them found that is probably not meant.
    private(set) var notes: [DataWarning]

    /// The number of images.
    public var count: Int { labels.count }

    /// The number of values of one image.
    public var imageSize: Int { height * width * channels }

    /// The shape of one image in words, such as `28 x 28 x 1`.
    public var shapeDescription: String { "\(height) x \(width) x \(channels)" }

    /// Checks and ties together pixels and labels.
    ///
    /// - Parameters:
    ///   - classes: the number of classes; nil takes the largest label plus one.
    ///   - name: what errors about pixels are to name.
    ///   - labelsName: what errors about labels are to name; `name` unless given.
    ///   - classNames: names of the classes, one each.
    ///   - notes: what reading them found.
    public init(
        height: Int, width: Int, channels: Int, pixels: Pixels, labels: [Int32], classes: Int? = nil,
        name: String = "images", labelsName: String? = nil, classNames: [String]? = nil, notes: [DataWarning] = []
    ) throws {
        let labelsName = labelsName ?? name
        guard height > 0, width > 0, channels > 0 else {
            throw DatasetError.badHeader(file: name, reason: "image shape \(height) x \(width) x \(channels)")
        }
        let size = try Checked.product(
            [height, width, channels], file: name, most: Int.max)
        guard pixels.count > 0 else { throw DatasetError.empty(file: name) }
        guard !labels.isEmpty else { throw DatasetError.empty(file: labelsName) }
        guard pixels.count % size == 0 else {
            throw DatasetError.truncated(
                file: name, expected: try Checked.product([pixels.count / size + 1, size], file: name, most: Int.max),
                found: pixels.count)
        }
        guard pixels.count / size == labels.count else {
            throw DatasetError.countMismatch(
                images: name, imageCount: pixels.count / size, labels: labelsName, labelCount: labels.count)
        }
        try Self.checkCount(labels.count, name: name)
        if let classes, !(1...Self.mostClasses).contains(classes) {
            throw DatasetError.invalidSetting(
                name: "classes", value: "\(classes)", allowed: "1...\(Self.mostClasses)")
        }
        let bound = classes ?? Self.mostClasses
        var largest = 0
        for (index, label) in labels.enumerated() {
            guard label >= 0, Int(label) < bound else {
                throw DatasetError.labelOutOfRange(
                    file: labelsName, index: index, label: Int(label), classes: bound)
            }
            largest = max(largest, Int(label))
        }
        if case .floats(let values) = pixels, let index = values.firstIndex(where: { !$0.isFinite }) {
            throw DatasetError.nonFinitePixel(file: name, index: index)
        }
        self.height = height
        self.width = width
        self.channels = channels
        self.pixels = pixels
        self.labels = labels
        self.classes = classes ?? largest + 1
        self.classNames = classNames?.count == self.classes ? classNames : nil
        self.notes = notes
    }

    /// The set with the names that a file of the folder of the data has for its classes: `classes.txt`, or the usual one.
    ///
    /// - Throws: `DatasetError` for a file that cannot be read or has no names.
    func named(in directory: DataFolder, usual: String? = nil) throws -> ImageSet {
        let folder: OpenFolder
        do {
            folder = try directory.open()
        } catch DatasetError.missingFile {
            // Files that are named by whole paths may lie anywhere.
            return self
        }
        for file in [ClassNames.file, usual].compactMap(\.self) {
            guard let names = try ClassNames.read(in: folder, named: file) else { continue }
            var named = self
            if names.count == classes {
                named.classNames = names
            } else {
                named.notes.append(.otherNames(file: file, names: names.count, classes: classes))
            }
            return named
        }
        return self
    }

    /// What is known of the set before it is read.
    var layout: ImageLayout {
        let valueBytes = if case .bytes = pixels { 1 } else { 4 }
        return ImageLayout(count: count, height: height, width: width, channels: channels, valueBytes: valueBytes)
    }

    /// Throws for more images than a set can have.
    static func checkCount(_ count: Int, name: String) throws {
        guard count <= mostImages else {
            throw DatasetError.invalidSetting(
                name: "\(name): number of images", value: "\(count)", allowed: "1...\(mostImages)")
        }
    }

    /// How many images each class has, by class.
    public func classCounts() -> [Int] {
        var counts = [Int](repeating: 0, count: classes)
        for label in labels { counts[Int(label)] += 1 }
        return counts
    }

    /// Hands shape, pixels and labels to `body` as bytes, in several calls.
    ///
    /// The sequence of bytes depends on nothing but the contents; a digest of it identifies them.
    public func withDigestBytes(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        let header: [Int64] = [
            Int64(count), Int64(height), Int64(width), Int64(channels), Int64(classes),
        ]
        try header.withUnsafeBytes(body)
        switch pixels {
        case .bytes(let values): try values.withUnsafeBytes(body)
        case .floats(let values): try values.withUnsafeBytes(body)
        }
        try labels.withUnsafeBytes(body)
    }
}

extension ImageSet {
    /// The images in another shape: centred on black, cut where they are larger, the first channel repeated as needed.
    ///
    /// For benchmarks, which need images of a shape and not of a content.
    public func fitted(height: Int, width: Int, channels: Int, classes: Int) throws -> ImageSet {
        guard case .bytes(let source) = pixels else {
            throw DatasetError.unsupported(file: "images", expected: "bytes", found: "floats")
        }
        var target = [UInt8](repeating: 0, count: count * height * width * channels)
        let down = (height - self.height) / 2, right = (width - self.width) / 2
        for image in 0..<count {
            for row in max(0, down)..<min(height, down + self.height) {
                for column in max(0, right)..<min(width, right + self.width) {
                    let from = ((image * self.height + row - down) * self.width + column - right) * self.channels
                    let to = ((image * height + row) * width + column) * channels
                    for channel in 0..<channels { target[to + channel] = source[from + channel % self.channels] }
                }
            }
        }
        return try ImageSet(
            height: height, width: width, channels: channels, pixels: .bytes(target),
            labels: labels.map { $0 % Int32(classes) }, classes: classes)
    }
}
