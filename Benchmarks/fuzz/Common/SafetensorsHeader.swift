/// The header of a safetensors file.
enum SafetensorsHeader {
    /// Makes its length that of the JSON object that it is, where there is one.
    static let repair: @Sendable (inout [UInt8]) -> Void = { bytes in
        guard bytes.count > 16 else { return }
        var depth = 0, isText = false, place = 8
        while place < bytes.count {
            let byte = bytes[place]
            if isText {
                if byte == UInt8(ascii: "\\") { place += 1 } else if byte == UInt8(ascii: "\"") { isText = false }
            } else if byte == UInt8(ascii: "\"") {
                isText = true
            } else if byte == UInt8(ascii: "{") {
                depth += 1
            } else if byte == UInt8(ascii: "}") {
                depth -= 1
                if depth == 0 { break }
            }
            place += 1
        }
        guard place < bytes.count else { return }
        let length = place + 1 - 8
        for index in 0..<8 { bytes[index] = UInt8(truncatingIfNeeded: length >> (8 * index)) }
    }
}
