/// A natural number of any size, for counting architectures.
struct DecimalCount {
    private static let base: UInt64 = 1_000_000_000
    // Least significant first, nine digits each.
    private var limbs: [UInt64]

    init(_ value: UInt32) {
        limbs = [UInt64(value) % Self.base, UInt64(value) / Self.base]
    }

    mutating func multiply(by factor: Int) {
        var carry: UInt64 = 0
        for index in limbs.indices {
            let product = limbs[index] * UInt64(factor) + carry
            limbs[index] = product % Self.base
            carry = product / Self.base
        }
        if carry > 0 { limbs.append(carry) }
    }

    mutating func add(_ other: DecimalCount) {
        var carry: UInt64 = 0
        for index in 0..<max(limbs.count, other.limbs.count) {
            if index == limbs.count { limbs.append(0) }
            let sum = limbs[index] + (index < other.limbs.count ? other.limbs[index] : 0) + carry
            limbs[index] = sum % Self.base
            carry = sum / Self.base
        }
        if carry > 0 { limbs.append(carry) }
    }

    var text: String {
        let digits = limbs.reversed().map { limb in
            let text = String(limb)
            return String(repeating: "0", count: 9 - text.count) + text
        }.joined().drop { $0 == "0" }
        return digits.isEmpty ? "0" : String(digits)
    }
}
