/// Arithmetic for estimates of what documents ask for, which may be anything: past the greatest number it stays there.
extension Int {
    /// The whole number nearest to a number; the greatest or the least where it lies beyond, 0 where it is none.
    public init(saturating value: Double) {
        self = value.isNaN ? 0 : value >= 0x1p63 ? .max : value <= -0x1p63 ? .min : Int(value.rounded())
    }

    /// The sum, or the greatest number.
    public func plus(_ other: Int) -> Int {
        let (sum, isOver) = addingReportingOverflow(other)
        return isOver ? .max : sum
    }

    /// The product of two numbers that are not negative, or the greatest number.
    public func times(_ other: Int) -> Int {
        let (product, isOver) = multipliedReportingOverflow(by: other)
        return isOver ? .max : product
    }
}
