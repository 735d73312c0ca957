/// Pictures that a person names one by one.
public struct PictureFiles: Sendable {
    /// A file that cannot be read, and why.
    public struct Fault: Sendable, Equatable, CustomStringConvertible {
        /// The file, as it was named.
        public let path: String
        /// What is wrong with it.
        public let fault: ImageFault

        /// The file, and what is wrong with it and what to do.
        public var description: String { "\(path) \(fault)" }
    }

    /// The files that could be read, in the order in which they were named.
    public private(set) var paths: [String] = []
    /// Those that could not.
    public private(set) var faults: [Fault] = []
    private var pixels: [UInt8] = []
    private let target: ImageFit.Target
    private let channels: Int

    /// Reads files, each on its own.
    ///
    /// - Parameters:
    ///   - height, width, channels: What images they become; 1 or 3 channels.
    ///   - fit: How they do.
    /// - Throws: `DatasetError.unsupported` for another number of channels.
    public init(_ files: [String], height: Int, width: Int, channels: Int, fit: ImageFit) throws(DatasetError) {
        guard [1, 3].contains(channels) else {
            throw .unsupported(file: "pictures", expected: "a network of 1 or 3 channels", found: "\(channels)")
        }
        target = ImageFit.Target(height: height, width: width)
        self.channels = channels
        for file in files {
            do throws(ImageFault) {
                let contents = try FileContents.read(file, most: ImageDecoder.mostBytes)
                pixels += try ImageDecoder.decode(contents, wanted: target).image
                    .fitted(target, channels: channels, fit: fit)
                paths.append(file)
            } catch {
                faults.append(Fault(path: file, fault: error))
            }
        }
    }

    /// The images, normalised as those that a network was trained on; their labels say nothing.
    public func examples(_ normalization: Normalization) throws -> any Examples {
        let images = try ImageSet(
            height: target.height, width: target.width, channels: channels, pixels: .bytes(pixels),
            labels: [Int32](repeating: 0, count: paths.count), classes: 1)
        return try ImageExamples(images, normalization: normalization)
    }
}
