internal import CSystemCalls
internal import Foundation

/// The processors that the calling thread may run on.
enum ThreadAffinity {
    /// Those that it may run on now, by their numbers.
    ///
    /// - Throws: `LatencyError.notPinned` where the system does not say.
    static func allowed() throws(LatencyError) -> [Int32] {
        var processors = [Int32](repeating: 0, count: 8192)
        let count = nasd_allowed_processors(&processors, Int32(processors.count))
        guard count > 0 else { throw .notPinned(code: errno) }
        return Array(processors.prefix(Int(count)))
    }

    /// Has it run on some processors alone, from here on.
    ///
    /// - Throws: `LatencyError.notPinned` where the system does not let it.
    static func allow(_ processors: [Int32]) throws(LatencyError) {
        let code = nasd_allow_processors(processors, Int32(processors.count))
        guard code == 0 else { throw .notPinned(code: code) }
    }
}
