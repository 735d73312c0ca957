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
}
