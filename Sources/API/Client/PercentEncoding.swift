/// Text within an address (RFC 3986): everything but letters, digits and `-._~` as `%XX`.
enum PercentEncoding {
    static func encode(_ text: some StringProtocol) -> String {
        var result = ""
        for byte in text.utf8 {
            let scalar = Unicode.Scalar(byte)
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "-", ".", "_", "~": result.unicodeScalars.append(scalar)
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (digits.utf8.count == 1 ? "0" : "") + digits
            }
        }
        return result
    }

    /// A path; segments that `.` and `..` would lose are kept apart by encoding their dots.
    static func path(_ segments: [String]) -> String {
        segments.map { segment in
            let isDots = segment == "." || segment == ".."
            return "/" + (isDots ? segment.replacing(".", with: "%2E") : encode(segment))
        }.joined()
    }

    /// `?name=value&…` of the parameters that have one; empty for none.
    static func query(_ parameters: [(name: String, value: String?)]) -> String {
        let given = parameters.compactMap { parameter in
            parameter.value.map { "\(encode(parameter.name))=\(encode($0))" }
        }
        return given.isEmpty ? "" : "?" + given.joined(separator: "&")
    }
}
