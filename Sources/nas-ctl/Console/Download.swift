internal import API
internal import UserFiles

/// Brings what a daemon sends into a file, or to standard output.
struct Download {
    private let session: Session

    init(_ session: Session) { self.session = session }

    /// Hands every part on; false ends it.
    typealias Receiver = (UnsafeRawBufferPointer) -> Bool

    /// Writes what a request brings.
    ///
    /// - Parameters:
    ///   - path: The file, which appears complete or not at all; nil for standard output.
    ///   - request: Sends the request and returns whether everything came.
    func write(to path: String?, _ request: (@escaping Receiver) throws(APIClientError) -> Bool) throws(Failure) {
        guard let path else {
            let console = session.console
            return try receive(request) { part throws(Failure) in
                try console.write(foreign: part)
                try console.flush()
            }
        }
        let file = try Failure.ofFile { () throws(UserFileError) in try OutputFile(path: path) }
        try receive(request) { part throws(Failure) in
            try Failure.ofFile { () throws(UserFileError) in try file.write(part) }
        }
        try Failure.ofFile { () throws(UserFileError) in try file.commit() }
    }

    /// What a request brings, all of it in memory: for what is small.
    func bytes(_ request: (@escaping Receiver) throws(APIClientError) -> Bool) throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        try receive(request) { part throws(Failure) in bytes += part }
        return bytes
    }

    private func receive(
        _ request: (@escaping Receiver) throws(APIClientError) -> Bool,
        _ write: @escaping (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        var failure: Failure?
        do throws(APIClientError) {
            _ = try request { part in
                do throws(Failure) {
                    try write(part)
                    return true
                } catch {
                    failure = error
                    return false
                }
            }
        } catch {
            throw Failure(error)
        }
        if let failure { throw failure }
    }
}
