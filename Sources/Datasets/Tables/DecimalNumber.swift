/// Reads decimal numbers from bytes, without any memory of their own where 53 bits and 22 powers of ten suffice.
///
/// Such a number is exact in two doubles, and so its quotient or product is correctly rounded. Source: W. D. Clinger, "How to
/// read floating point numbers accurately", PLDI 1990.
enum DecimalNumber {
    private static let powers: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20,
        1e21, 1e22,
    ]

    /// The number that all of the bytes are, such as `-12.5e3`; nil where they are none.
    static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Double? {
        let count = bytes.count
        guard count > 0, let base = bytes.baseAddress else { return nil }
        var at = 0
        let isNegative = base[0] == 0x2D
        if isNegative || base[0] == 0x2B { at = 1 }
        var mantissa: UInt64 = 0, power = 0, digits = 0, isCut = false, isAny = false
        var afterPoint = false
        while at < count {
            let digit = base[at] &- 0x30
            if digit < 10 {
                isAny = true
                if digits < 19 {
                    mantissa = mantissa &* 10 &+ UInt64(digit)
                    if mantissa > 0 { digits += 1 }
                    if afterPoint { power -= 1 }
                } else {
                    isCut = isCut || digit > 0
                    if !afterPoint { power += 1 }
                }
            } else if base[at] == 0x2E, !afterPoint {
                afterPoint = true
            } else {
                break
            }
            at += 1
        }
        guard isAny else { return nil }
        if at < count {
            guard base[at] | 0x20 == 0x65, let exponent = exponent(base, at + 1, count) else { return nil }
            power += exponent
        }
        if mantissa == 0 { return isNegative ? -0.0 : 0 }
        guard !isCut, mantissa <= 1 << 53, (-22...22).contains(power) else {
            return Double(String(decoding: bytes, as: UTF8.self))
        }
        let value = Double(mantissa)
        let scaled = power < 0 ? value / powers[-power] : value * powers[power]
        return isNegative ? -scaled : scaled
    }

    private static func exponent(_ base: UnsafePointer<UInt8>, _ start: Int, _ count: Int) -> Int? {
        var at = start
        guard at < count else { return nil }
        let isNegative = base[at] == 0x2D
        if isNegative || base[at] == 0x2B { at += 1 }
        guard at < count else { return nil }
        var value = 0
        while at < count {
            let digit = base[at] &- 0x30
            guard digit < 10 else { return nil }
            // Far beyond every double already.
            if value < 100_000 { value = value * 10 + Int(digit) }
            at += 1
        }
        return isNegative ? -value : value
    }
}
