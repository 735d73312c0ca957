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

    /// What labels, orders, splits and the check of the data take for each image, at most.
    private static let sideBytes = 128

    /// Takes the figures.
    public init(count: Int, height: Int, width: Int, channels: Int, valueBytes: Int) {
        self.count = count
        self.height = height
        self.width = width
        self.channels = channels
        self.valueBytes = valueBytes
    }

    /// Bytes of memory that the part takes at most, while it is read too; `Int.max` where that is no number any more.
    public var memoryBytes: Int {
        var bytes = valueBytes
        for factor in [height, width, channels] {
            bytes = Self.saturating(bytes.multipliedReportingOverflow(by: factor))
        }
        bytes = Self.saturating(bytes.addingReportingOverflow(Self.sideBytes))
        return Self.saturating(bytes.multipliedReportingOverflow(by: count))
    }

    /// The shape of one image in words, such as `28 x 28 x 1`.
    public var shapeDescription: String { "\(height) x \(width) x \(channels)" }

    private static func saturating(_ result: (partialValue: Int, overflow: Bool)) -> Int {
        result.overflow ? .max : result.partialValue
    }
}
