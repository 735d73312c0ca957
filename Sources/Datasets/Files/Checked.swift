internal import Foundation

/// Arithmetic on sizes that come from files and therefore may be anything.
enum Checked {
    /// The product of non-negative sizes; throws if it overflows or exceeds `most`.
    static func product(_ sizes: [Int], file: String, most: Int) throws -> Int {
        var total = 1
        var overflow = false
        for size in sizes {
            // A zero would hide an overflow of the other factors; callers refuse zeros by themselves.
            let (value, over) = total.multipliedReportingOverflow(by: size)
            overflow = overflow || over || size < 0
            total = value
        }
        guard !overflow, total <= most else {
            let claim = sizes.map(String.init).joined(separator: " x ")
            throw DatasetError.tooLarge(file: file, claimed: "\(claim) bytes", most: most)
        }
        return total
    }

    /// Throws where the process may not have so much memory: taking it for an array would end the program.
    static func room(_ bytes: Int, file: String) throws {
        guard hasRoom(bytes) else { throw DatasetError.noRoom(file: file, bytes: bytes) }
    }

    /// Whether the process may have so much memory.
    static func hasRoom(_ bytes: Int) -> Bool {
        guard bytes > 1 << 20 else { return true }
        guard let room = malloc(bytes) else { return false }
        free(room)
        return true
    }
}
