import Testing

@testable import Tensors

/// A buffer of zeros that stays for the whole process, so that a test may hold bare pointers into it.
func zeros(_ count: Int) -> FloatBuffer {
    Unmanaged.passRetained(FloatBuffer(count: count)).takeUnretainedValue()
}

/// A buffer that holds the given floats and stays for the whole process.
func buffer(_ values: [Float]) -> FloatBuffer {
    let result = zeros(values.count)
    for (index, value) in values.enumerated() { result.base[index] = value }
    return result
}

/// Expects two lists to agree within `tolerance`, absolute below 1 and relative above, and names the worst place.
func expectClose(
    _ found: some Sequence<Float>, _ expected: [Double], tolerance: Double = 1e-5, _ what: String = "",
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let found = Array(found)
    #expect(found.count == expected.count, sourceLocation: sourceLocation)
    var worst = (error: 0.0, index: -1)
    for (index, pair) in zip(found, expected).enumerated() {
        let error = abs(Double(pair.0) - pair.1) / max(1, abs(pair.1))
        if !(error <= worst.error) { worst = (error, index) }
    }
    #expect(
        worst.error <= tolerance,
        "\(what): \(worst.index >= 0 ? found[worst.index] : 0) at \(worst.index), expected \(worst.index >= 0 ? expected[worst.index] : 0)",
        sourceLocation: sourceLocation)
}
