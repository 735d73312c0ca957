/// What can be wrong with a data set's files or settings.
///
/// Every message says what is wrong, where, and how to mend it.
public enum DatasetError: Error, Equatable, Sendable, CustomStringConvertible {
    /// None of the tried paths exists.
    case missingFile(name: String, tried: [String])
    /// The path leads out of the folder that data may come from.
    case outside(name: String)
    /// The file exists but cannot be read.
    case unreadable(file: String, reason: String)
    /// The file has no bytes, or its header counts no samples.
    case empty(file: String)
    /// The gzip data are torn or damaged.
    case corruptGzip(file: String, reason: String)
    /// The file ends before its contents do.
    case truncated(file: String, expected: Int, found: Int)
    /// The file goes on after its contents.
    case trailingBytes(file: String, expected: Int)
    /// The first bytes are those of another format.
    case wrongMagic(file: String, expected: String, found: String)
    /// The file is of another format, and of which is known.
    case otherFormat(file: String, expected: String, found: String, remedy: String)
    /// The file holds an array of another shape or order than images or labels have.
    case otherShape(file: String, expected: String, found: String, remedy: String)
    /// The system has no memory for the contents.
    case noRoom(file: String, bytes: Int)
    /// The header claims more than the file can hold or than this reader takes.
    case tooLarge(file: String, claimed: String, most: Int)
    /// The header cannot be understood.
    case badHeader(file: String, reason: String)
    /// The file is sound but of a kind this reader does not take.
    case unsupported(file: String, expected: String, found: String)
    /// Images and labels do not pair up.
    case countMismatch(images: String, imageCount: Int, labels: String, labelCount: Int)
    /// A label lies outside 0..<classes.
    case labelOutOfRange(file: String, index: Int, label: Int, classes: Int)
    /// A pixel is infinite or not a number.
    case nonFinitePixel(file: String, index: Int)
    /// Two files, or the train and the test part, hold images of different shapes.
    case shapeMismatch(file: String, expected: String, found: String)
    /// A table, a row or a value of it cannot be used; the line where it is one that is wrong.
    case table(file: String, line: Int?, TableFault)
    /// Records, or one of them, cannot be used; the line where it is one that is wrong.
    case records(file: String, line: Int?, RecordFault)
    /// Pictures of a folder cannot be read: each with what is wrong, the first of so many.
    case pictures(folder: String, broken: [String], count: Int)
    /// The parts held out leave nothing to train on, or a size is negative.
    case invalidSplit(reason: String)
    /// Whoever looks on ended it.
    case stopped
    /// A setting lies outside its range.
    case invalidSetting(name: String, value: String, allowed: String)

    /// The whole message, for a person.
    public var description: String {
        switch self {
        case .missingFile(let name, let tried):
            "data file '\(name)' not found (tried \(tried.joined(separator: ", "))); "
                + "check the name and the data directory"
        case .outside(let name):
            "\(name): leads out of the folder that data may come from; name a file within it, without .. and links out"
        case .unreadable(let file, let reason):
            "\(file): cannot be read: \(reason); check that it is a regular file with read permission"
        case .empty(let file):
            "\(file): holds no samples; fetch the file again or name another one"
        case .corruptGzip(let file, let reason):
            "\(file): damaged gzip data: \(reason); fetch the file again"
        case .truncated(let file, let expected, let found):
            "\(file): cut short: expected \(expected) bytes, found \(found); fetch the file again"
        case .trailingBytes(let file, let expected):
            "\(file): more bytes follow the \(expected) that its contents take; "
                + "check that it is the right file, or fetch it again"
        case .wrongMagic(let file, let expected, let found):
            "\(file): expected magic \(expected), found \(found); "
                + "check that the file is of the stated format and that images and labels are not swapped"
        case .otherFormat(let file, let expected, let found, let remedy),
            .otherShape(let file, let expected, let found, let remedy):
            "\(file): expected \(expected), found \(found); \(remedy)"
        case .noRoom(let file, let bytes):
            "\(file): its contents take \(bytes >> 20) MiB of memory, which the system does not give this process; "
                + "raise its limit, or use less data"
        case .tooLarge(let file, let claimed, let most):
            "\(file): the header claims \(claimed), but at most \(most) bytes are possible here; "
                + "the header is damaged or the file is of another format"
        case .badHeader(let file, let reason):
            "\(file): header not understood: \(reason); write the file again in the stated format"
        case .unsupported(let file, let expected, let found):
            "\(file): expected \(expected), found \(found); convert the file"
        case .countMismatch(let images, let imageCount, let labels, let labelCount):
            "\(images) holds \(imageCount) images but \(labels) holds \(labelCount) labels; "
                + "name an images file and a labels file that belong together"
        case .labelOutOfRange(let file, let index, let label, let classes):
            "\(file): label \(label) of sample \(index) is outside 0..<\(classes); "
                + "labels count from 0: raise the number of classes or correct the labels"
        case .nonFinitePixel(let file, let index):
            "\(file): pixel value \(index) is infinite or not a number; clean the data"
        case .shapeMismatch(let file, let expected, let found):
            "\(file): expected images of \(expected), found \(found); use files with images of one shape"
        case .table(let file, let line, let fault):
            "\(file)\(line.map { ":\($0)" } ?? ""): \(fault)"
        case .records(let file, let line, let fault):
            "\(file)\(line.map { ":\($0)" } ?? ""): \(fault)"
        case .pictures(let folder, let broken, let count):
            "\(folder): \(count) \(count == 1 ? "picture" : "pictures") cannot be read:\n"
                + broken.map { "  \($0)" }.joined(separator: "\n")
                + (count > broken.count ? "\n  and \(count - broken.count) more" : "")
        case .invalidSplit(let reason):
            "cannot split the training data: \(reason); lower the sizes held out"
        case .stopped: "reading the data was stopped"
        case .invalidSetting(let name, let value, let allowed):
            "\(name) is \(value); allowed: \(allowed)"
        }
    }
}
