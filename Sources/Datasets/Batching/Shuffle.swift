import Tensors

/// Permutations that stay the same whatever the standard library does in later versions.
enum Shuffle {
    /// Reorders the values by Fisher and Yates; allocates nothing.
    static func shuffle(_ values: inout [Int32], _ random: inout CounterGenerator) {
        guard values.count > 1 else { return }
        for last in stride(from: values.count - 1, to: 0, by: -1) {
            // The high half of the product maps 64 bits to 0...last; the bias, below last / 2^64, cannot show.
            let pick = Int(random.next().multipliedFullWidth(by: UInt64(last + 1)).high)
            values.swapAt(last, pick)
        }
    }
}
