/// What an image space reads and answers.
public struct InputShape: Sendable, Hashable {
    /// Image height in pixels.
    public let height: Int
    /// Image width in pixels.
    public let width: Int
    /// Values for each pixel.
    public let channels: Int
    /// Side of a square patch in pixels; divides height and width.
    public let patch: Int
    /// Classes to tell apart.
    public let classes: Int
}
