internal import API
internal import Documents
internal import Foundation
internal import SearchSpaces

/// Documents as JSON text.
enum JSONText {
    /// A document, indented; exactly the wire type.
    static func document(_ document: some Encodable) throws -> String {
        safe(String(decoding: try WireFormat.encode(document, isPretty: true), as: UTF8.self)) + "\n"
    }

    /// A document on one line.
    static func line(_ document: some Encodable) throws -> String {
        safe(String(decoding: try WireFormat.encode(document), as: UTF8.self)) + "\n"
    }

    /// JSON text of somebody else with what a terminal would obey written as `\uXXXX`, which reads back the same.
    static func safe(_ json: String) -> String {
        if json.utf8.allSatisfy({ (0x20..<0x7F).contains($0) || $0 == 0x0A }) { return json }
        var result = ""
        for scalar in json.unicodeScalars {
            if !TerminalText.isDangerous(scalar) || scalar == "\n" || scalar == "\t" {
                result.unicodeScalars.append(scalar)
                continue
            }
            for unit in String(scalar).utf16 {
                let digits = String(unit, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
            }
        }
        return result
    }
}
