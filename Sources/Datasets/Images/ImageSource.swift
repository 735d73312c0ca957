/// Where a part of a data set comes from.
public enum ImageSource: Sendable, Equatable {
    /// A file of images and one of their labels.
    case arrays(ArrayFormat, images: String, labels: String)
    /// Files of CIFAR-10 records, one after the other.
    case cifar10([String])
    /// Files of CIFAR-100 records, one after the other.
    case cifar100([String])
    /// An archive of NumPy arrays, with the names of the images and of their labels in it.
    case archive(file: String, images: String, labels: String)
    /// Pictures in folders, a folder a class.
    case folder(ImageFolderSource)
    /// The first so many glyphs of a part.
    case glyphs(seed: UInt64, GlyphGenerator.Part, count: Int)

    /// What errors about the images name.
    public var name: String {
        switch self {
        case .arrays(_, let images, _): images
        case .cifar10(let files), .cifar100(let files): files.first ?? "images"
        case .archive(let file, let images, _): "\(file)/\(images)"
        case .folder(let source): source.folder
        case .glyphs: "glyphs"
        }
    }

    /// What headers and sizes say; pixels are not read.
    ///
    /// - Parameters:
    ///   - directory: The folder that names are relative to; each is looked up with and without `.gz`.
    ///   - classes: The classes that labels of arrays must keep to; nil for any number.
    /// - Throws: `DatasetError` for what reading would refuse by the same headers.
    public func layout(in directory: DataFolder, classes: Int? = nil) throws -> ImageLayout {
        switch self {
        case .arrays(let format, let images, let labels):
            try ArrayReader(format).layout(
                images: directory.find(images), labels: directory.find(labels), classes: classes)
        case .cifar10(let files): try CIFARReader.layout(files: files.map { try directory.find($0) })
        case .cifar100(let files):
            try CIFARReader.layout(files: files.map { try directory.find($0) }, kind: .hundred)
        case .archive(let file, let images, let labels):
            try Self.inArchive(file, directory) { archive in
                try ArrayReader(.npy).layout(
                    images: archive.array(images), labels: archive.array(labels), classes: classes)
            }
        case .folder(let source): try source.layout(in: directory, classes: classes)
        case .glyphs(_, _, let count): GlyphGenerator.layout(count: count)
        }
    }

    /// Reads or draws the images.
    ///
    /// - Parameters:
    ///   - classes: The classes that labels of arrays must keep to; nil takes the largest label plus one.
    ///   - layout: What `layout` said, so that nothing is counted twice; nil asks where it is needed.
    /// - Throws: `DatasetError`.
    public func read(
        in directory: DataFolder, classes: Int? = nil, layout: ImageLayout? = nil
    ) throws -> ImageSet {
        let images = try images(in: directory, classes: classes, layout: layout)
        switch self {
        // Folders are names; what is generated has none.
        case .folder, .glyphs: return images
        case .cifar10: return try images.named(in: directory, usual: CIFARKind.ten.namesFile)
        case .cifar100: return try images.named(in: directory, usual: CIFARKind.hundred.namesFile)
        case .arrays, .archive: return try images.named(in: directory)
        }
    }

    /// The labels of arrays, without their images; none of other sources.
    func labels(in directory: DataFolder) throws -> [Int32] {
        switch self {
        case .arrays(let format, _, let labels):
            try ArrayReader(format).readLabels(directory.find(labels), classes: nil)
        case .archive(let file, _, let labels):
            try Self.inArchive(file, directory) { try ArrayReader(.npy).readLabels($0.array(labels), classes: nil) }
        default: []
        }
    }

    private static func inArchive<Value>(
        _ file: String, _ directory: DataFolder, _ body: (ZipArchive) throws -> Value
    ) throws -> Value { try body(ZipArchive(directory.find(file))) }

    private func images(in directory: DataFolder, classes: Int?, layout: ImageLayout?) throws -> ImageSet {
        switch self {
        case .arrays(let format, let images, let labels):
            try ArrayReader(format).read(
                images: directory.find(images), labels: directory.find(labels), classes: classes)
        case .cifar10(let files): try CIFARReader.read(files: files.map { try directory.find($0) }, layout: layout)
        case .cifar100(let files):
            try CIFARReader.read(files: files.map { try directory.find($0) }, kind: .hundred, layout: layout)
        case .archive(let file, let images, let labels):
            try Self.inArchive(file, directory) { archive in
                try ArrayReader(.npy).read(
                    images: archive.array(images), labels: archive.array(labels), classes: classes)
            }
        case .folder(let source): try source.read(in: directory, classes: classes)
        case .glyphs(let seed, let part, let count):
            try GlyphGenerator(seed: seed).images(part, count: count, watch: directory.watch)
        }
    }
}

/// What a part of a data set holds by the headers and sizes of its files, known before anything else is read.
public struct ImageLayout: Sendable, Equatable {
    /// The number of images.
    public let count: Int
    /// Rows of an image.
    public let height: Int
    /// Columns of an image.
    public let width: Int
    /// Channels of a pixel.
    public let channels: Int
    /// Bytes of a value in memory: 1 for bytes, 4 for floats.
    public let valueBytes: Int
    /// Bytes of memory that making the images takes beside them.
    public let extraBytes: Int
    /// Bytes that the images take in the cache of a data directory.
    public let cacheBytes: Int

    /// What labels, orders, splits and the check of the data take for each image, at most.
    private static let sideBytes = 128

    /// Takes the figures.
    public init(
        count: Int, height: Int, width: Int, channels: Int, valueBytes: Int, extraBytes: Int = 0, cacheBytes: Int = 0
    ) {
        self.count = count
        self.height = height
        self.width = width
        self.channels = channels
        self.valueBytes = valueBytes
        self.extraBytes = extraBytes
        self.cacheBytes = cacheBytes
    }

    /// Bytes of memory that the part takes at most, while it is read too; `Int.max` where that is no number any more.
    public var memoryBytes: Int {
        var bytes = valueBytes
        for factor in [height, width, channels] {
            bytes = Self.saturating(bytes.multipliedReportingOverflow(by: factor))
        }
        bytes = Self.saturating(bytes.addingReportingOverflow(Self.sideBytes))
        bytes = Self.saturating(bytes.multipliedReportingOverflow(by: count))
        return Self.saturating(bytes.addingReportingOverflow(extraBytes))
    }

    /// The shape of one image in words, such as `28 x 28 x 1`.
    public var shapeDescription: String { "\(height) x \(width) x \(channels)" }

    private static func saturating(_ result: (partialValue: Int, overflow: Bool)) -> Int {
        result.overflow ? .max : result.partialValue
    }
}
