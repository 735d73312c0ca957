import Foundation
import TestSupport
import Testing

/// Whatever is public says what it is, but for witnesses, whose words are those of their protocol.
@Suite struct DocumentationTests {
    /// What protocols of the standard library ask for.
    private static let usual: Set<String> = [
        "description", "debugDescription", "hash", "==", "<", "encode", "makeIterator", "next", "init",
        "errorDescription",
        "run", "validate", "configuration",
    ]
    private static var declaration: Regex<(Substring, Substring?, Substring?)> {
        #/
        ^\ *(?:@\w+(?:\([^)]*\))?\s)*public\s
        (?:(?:static|final|mutating|override|nonisolated|(?:package|private|internal)\(set\))\ )*
        (?:(?:struct|class|enum|protocol|actor|typealias|func|var|let|subscript)\ ([\w<=]+)|(init))
        /#
    }

    /// The names that protocols of a source ask of their witnesses.
    static func requirements(in text: String) -> Set<String> {
        var names: Set<String> = [], isInside = false
        for line in text.split(separator: "\n") {
            if line.contains(#/^(?:public |package )?protocol /#) {
                isInside = true
            } else if line == "}" {
                isInside = false
            }
            guard isInside, let match = line.firstMatch(of: #/^    (?:static |mutating )?(?:func|var) (\w+)/#) else {
                continue
            }
            names.insert(String(match.1))
        }
        return names
    }

    /// The public declarations of a source that have no words of their own and are no witnesses.
    static func silent(in text: String, witnesses: Set<String>) -> [String] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false), declaration = declaration
        return lines.indices.compactMap { index in
            guard lines[index].contains("public "), let match = lines[index].firstMatch(of: declaration) else {
                return nil
            }
            let name = String(match.1 ?? match.2 ?? "")
            // Attributes stand between a declaration and its words.
            let above = lines[..<index].last { !$0.drop { $0 == " " }.hasPrefix("@") }
            let isTold = above.map { $0.drop { $0 == " " }.hasPrefix("///") } ?? false
            return isTold || witnesses.contains(name) ? nil : "\(name), line \(index + 1)"
        }
    }

    @Test func publicDeclarationsSayWhatTheyAre() throws {
        let sources = Repository.root.appending(path: "Sources")
        let files = try #require(FileManager.default.enumerator(atPath: sources.path)).compactMap { $0 as? String }
            .filter { $0.hasSuffix(".swift") }.sorted()
        var texts: [(path: String, text: String)] = []
        for path in files {
            texts.append((path, try String(contentsOf: sources.appending(path: path), encoding: .utf8)))
        }
        let witnesses = texts.reduce(into: Self.usual) { $0.formUnion(Self.requirements(in: $1.text)) }
        #expect(witnesses.contains("mainMetric") == false && witnesses.contains("draws"))
        for (path, text) in texts {
            let found = Self.silent(in: text, witnesses: witnesses)
            #expect(found.isEmpty, "\(path): \(found.joined(separator: "; "))")
        }
    }

    /// The check itself must be able to fail.
    @Test func aSilentDeclarationIsSeen() {
        let text =
            "/// Told.\npublic struct A {\n    public let b = 1\n    /// Told.\n    @inlinable\n    public func c() {}\n}\n"
        #expect(
            Self.silent(in: text, witnesses: []) == ["b, line 3"] && Self.silent(in: text, witnesses: ["b"]).isEmpty)
        #expect(
            Self.requirements(in: "public protocol P {\n    var b: Int { get }\n}\nstruct S {\n    var c = 1\n") == [
                "b"
            ])
    }
}
