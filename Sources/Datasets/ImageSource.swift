/// Where a part of a data set comes from.
public enum ImageSource: Sendable, Equatable {
    /// A file of images and one of their labels.
    case arrays(ArrayFormat, images: String, labels: String)
    /// Files of CIFAR-10 records, one after the other.
    case cifar10([String])
    /// The first so many glyphs of a part.
    case glyphs(seed: UInt64, GlyphGenerator.Part, count: Int)

    /// What errors about the images name.
    public var name: String {
        switch self {
        case .arrays(_, let images, _): images
        case .cifar10(let files): files.first ?? "images"
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
        switch self {
        case .arrays(let format, let images, let labels):
            try ArrayReader(format).read(
                images: directory.find(images), labels: directory.find(labels), classes: classes)
        case .cifar10(let files): try CIFARReader.read(files: files.map { try directory.find($0) }, layout: layout)
        case .glyphs(let seed, let part, let count): try GlyphGenerator(seed: seed).images(part, count: count)
        }
    }
}
