import Foundation

/// Counts the elements of an XML file whose tags are balanced.
public enum XMLCheck {
    /// The file is not well-formed.
    public struct Malformed: Error {
        let tag: String
    }

    /// How often each element occurs.
    public static func elements(of path: String) throws -> [String: Int] {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        var open: [Substring] = [], counts: [String: Int] = [:]
        for match in text.matches(of: /<(\/?)(\w+)([^<>]*?)(\/?)>/) {
            if match.1 == "/" {
                guard open.popLast() == match.2 else { throw Malformed(tag: String(match.2)) }
            } else {
                counts[String(match.2), default: 0] += 1
                if match.4.isEmpty { open.append(match.2) }
            }
        }
        guard open.isEmpty else { throw Malformed(tag: String(open[0])) }
        return counts
    }
}
