/// Bytes of a stream as lines of a bounded length.
struct LineBuffer {
    private var bytes: [UInt8] = []
    /// Where the next line begins.
    private var start = 0
    /// Up to where no end of a line was found.
    private var searched = 0
    private let most: Int

    init(most: Int) { self.most = most }

    /// Bytes of lines that were not taken yet.
    var count: Int { bytes.count - start }

    mutating func append(_ more: some Collection<UInt8>) {
        if start > 0, start >= bytes.count / 2 {
            bytes.removeFirst(start)
            searched -= start
            start = 0
        }
        bytes.append(contentsOf: more)
    }

    /// The next whole line without its end; nil where there is none yet.
    ///
    /// - Throws: `WorkerFault.longLine` as soon as it is longer than it may be.
    mutating func next() throws(WorkerFault) -> ArraySlice<UInt8>? {
        searched = max(searched, start)
        guard let end = bytes[searched...].firstIndex(of: UInt8(ascii: "\n")) else {
            searched = bytes.count
            if count > most { throw .longLine }
            return nil
        }
        let line = bytes[start..<end]
        start = end + 1
        searched = start
        guard line.count <= most else { throw .longLine }
        return line
    }
}
