/// Who looks on while data are read: is told how far that is, and may end it.
///
/// Whatever reads looks at every picture and at every piece of a file, so a stop is obeyed within the time that one of these takes.
public struct ReadingWatch: Sendable {
    private let isStopped: @Sendable () -> Bool
    private let progress: (@Sendable (_ done: Int, _ all: Int) -> Void)?

    /// Nobody.
    public static let nobody = ReadingWatch { false }

    /// Takes who looks on.
    ///
    /// - Parameters:
    ///   - progress: Told how many pictures of how many are decoded, at each of them; nil for nobody.
    ///   - isStopped: Whether reading is to end; asked often, so it must be quick.
    public init(
        progress: (@Sendable (_ done: Int, _ all: Int) -> Void)? = nil, isStopped: @escaping @Sendable () -> Bool
    ) {
        self.progress = progress
        self.isStopped = isStopped
    }

    /// Whether reading is to end, for what ends by itself then.
    var isEnded: Bool { isStopped() }

    /// Goes on, or ends.
    ///
    /// - Throws: `DatasetError.stopped`.
    func check() throws(DatasetError) {
        if isStopped() { throw .stopped }
    }

    /// So many of all pictures are decoded.
    func tell(_ done: Int, of all: Int) { progress?(done, all) }
}
