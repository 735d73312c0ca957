/// What is wrong with one file of a picture; the rest of its folder is read all the same.
public enum ImageFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// It has no bytes.
    case empty
    /// It cannot be opened or read.
    case unreadable(reason: String)
    /// It is a link that leads out of the folder that data may come from.
    case outside
    /// Its contents are neither PNG nor JPEG; what they are, where that is known.
    case otherKind(found: String?)
    /// It has more bytes than are read.
    case manyBytes(Int)
    /// It has more pixels than are decoded, by its header.
    case manyPixels(width: Int, height: Int)
    /// The system has no memory for so many bytes of pixels.
    case noRoom(bytes: Int)
    /// The decoder stopped at it.
    case damaged(format: String, reason: String)

    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .empty: "is empty; fetch it again"
        case .unreadable(let reason): "cannot be read: \(reason)"
        case .outside: "is a link out of the folder of the data; copy the file in"
        case .otherKind(let found):
            "is \(found ?? "neither PNG nor JPEG"), by its contents; save it as PNG or JPEG"
        case .manyBytes(let bytes):
            "has \(bytes) bytes, where at most \(ImageDecoder.mostBytes) are read; save it smaller"
        case .manyPixels(let width, let height):
            "has \(width) x \(height) pixels, where at most \(ImageDecoder.mostPixels) are decoded; save it smaller"
        case .noRoom(let bytes): "takes \(bytes >> 20) MiB to decode, which the system does not give"
        case .damaged(let format, let reason): "is damaged \(format): \(reason); fetch it again"
        }
    }
}
