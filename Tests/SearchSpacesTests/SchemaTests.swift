import Documents
import Foundation
import Runs
import SearchSpaces
import TestSupport
import Testing

/// The schemas of files of users: what the readers of these files know, and nothing else.
@Suite struct SchemaTests {
    private static var space: DocumentSchema { SearchSpace.schema }
    private static var run: DocumentSchema { RunSpecification.schema }
    private static let schemas: [String: JSONData] = ["SearchSpace": decoded(space), "Run": decoded(run)]

    private static func decoded(_ schema: DocumentSchema) -> JSONData {
        (try? JSONDecoder().decode(JSONData.self, from: Data(schema.json.pretty.utf8))) ?? .null
    }

    private static func faults(_ yaml: String) throws -> [String] {
        let document = JSONData(yaml: yaml)
        return document.faults(by: try #require(schemas[document["kind"]?.string ?? ""]))
    }

    /// `nasd schema space > SearchSpaces/schema/nasd-space.schema.json`, and the same of `run`.
    @Test(arguments: [("nasd-space", SearchSpace.jsonSchema), ("nasd-run", RunSpecification.jsonSchema)])
    func publishedCopiesAreWhatIsPrinted(name: String, text: String) throws {
        let file = Repository.root.appending(path: "SearchSpaces/schema/\(name).schema.json")
        #expect(try String(contentsOf: file, encoding: .utf8) == text)
    }

    @Test func everyShippedFileIsValid() throws {
        let folder = Repository.root.appending(path: "SearchSpaces")
        var count = 0
        for folder in [folder, folder.appending(path: "runs"), Repository.root.appending(path: "Deploy/workers")] {
            for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) where name.hasSuffix(".yaml") {
                let yaml = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
                #expect(try Self.faults(yaml) == [], "\(name)")
                // The form that is stored has every key.
                let stored =
                    yaml.contains("kind: Run")
                    ? try RunSpecification.parse(yaml: yaml, file: name).resolvedYAML
                    : try SearchSpace.parse(yaml: yaml, file: name).resolvedYAML
                #expect(try Self.faults(stored) == [], "\(name), as it is stored")
                count += 1
            }
        }
        #expect(count >= 40)
    }

    @Test func everyKeySaysWhatItMeans() {
        for schema in [Self.space, Self.run] {
            #expect(schema.paths.filter { schema.text(of: $0) == nil } == [])
        }
        #expect(Self.space.paths.count >= 70 && Self.run.paths.count >= 190)
    }

    /// The reader's own list of keys, which it prints for one that it does not know, is that of the schema.
    @Test(arguments: ["SearchSpace", "Run"]) func keysAreThoseOfTheReader(kind: String) throws {
        let schema = kind == "Run" ? Self.run : Self.space
        var read: [String: Set<String>] = [:]
        for example in schema.examples {
            // What a test part has follows from the training part.
            let test = kind == "Run" ? [(keys: "data.test.", path: "data.test")] : []
            for section in Self.mappings(example) + test {
                let collector = FaultCollector()
                var node = example
                node.override(section.keys + "noSuchKey", with: "1", collector: collector)
                let root = SectionReader(node, path: "", at: .start, collector: collector)
                if kind == "Run" { _ = RunSpecification(root) } else { _ = SearchSpace.read(root) }
                let place = section.path.isEmpty ? "noSuchKey" : "\(section.path).noSuchKey"
                for fault in collector.faults where fault.keyPath == place {
                    guard let match = fault.message.firstMatch(of: /^expected one of the keys (.+), found/) else {
                        continue
                    }
                    read[section.path, default: []].formUnion(match.1.components(separatedBy: ", "))
                }
            }
        }
        #expect(read.count >= (kind == "Run" ? 30 : 8))
        for (section, keys) in read {
            let known = Set(schema.keys(of: section))
            #expect(keys.subtracting(known) == [], "keys of '\(section)' that only the reader has")
            #expect(known.subtracting(keys) == [], "keys of '\(section)' that only the schema has")
        }
    }

    /// The mappings of a document: as an override names them, and as faults do.
    private static func mappings(_ node: YAMLNode, keys: String = "", path: String = "") -> [(
        keys: String, path: String
    )] {
        switch node.content {
        case .scalar: []
        case .sequence(let items):
            items.enumerated().flatMap { mappings($1, keys: "\(keys)\($0).", path: "\(path)[\($0)]") }
        case .mapping(let entries):
            [(keys, path)]
                + entries.flatMap {
                    mappings($0.value, keys: "\(keys)\($0.key).", path: path.isEmpty ? $0.key : "\(path).\($0.key)")
                }
        }
    }

    static let head = "apiVersion: nasd/v1\nname: x\n"
    static let space0 = head + "kind: SearchSpace\n"
    static let run0 = head + "kind: Run\nspace: s\n"
    static let data = "data: {format: glyphs}\ntrain: {steps: 10}\nsearch: {objectives: [{metric: accuracy}]}\n"

    @Test(arguments: [
        ("family: vitt\n", "family"), ("family: mlp\n", "lacks input"),
        (
            "family: mlp\ninput: {features: 4, classes: 2, patch: 1}\nchoices: {width: [4], depth: [1], expansion: [1]}\n",
            "patch"
        ),
        (
            "family: mlp\ninput: {features: 4.5, classes: 2}\nchoices: {width: [4], depth: [1], expansion: [1]}\n",
            "features"
        ),
        ("family: mlp\ninput: {features: 4, classes: 2}\nchoices: {width: [], depth: [1], expansion: [1]}\n", "width"),
        (
            "family: mlp\ninput: {features: 4, classes: 2}\nchoices: {width: [4], depth: [1], expansion: [1]}\nstem: {}\n",
            "stem"
        ),
        (
            "family: mlp\ninput: {features: 4, classes: 2}\nchoices: {width: [4], depth: [1], expansion: [x]}\n",
            "expansion"
        ),
        (
            "family: cnn\ninput: {height: 8, width: 8, channels: 1, classes: 2}\nstem: {width: 8}\nstages: [{block: basic, width: 8, depth: 1, kernel: 3, expand: 2}]\n",
            "expand"
        ),
        (
            "family: cnn\ninput: {height: 8, width: 8, channels: 1, classes: 2}\nstem: {width: 8}\nstages: [{width: 8, depth: 99, kernel: 3, expand: 2}]\n",
            "depth"
        ),
        ("family: external\ndecisions: [{options: [1, 2]}]\n", "lacks name"),
    ]) func wrongSpaces(text: String, said: String) throws {
        let faults = try Self.faults(Self.space0 + text)
        #expect(faults.contains { $0.contains(said) }, "\(faults)")
        #expect(throws: DocumentError.self) { try SearchSpace.parse(yaml: Self.space0 + text, file: "x") }
    }

    @Test(arguments: [
        ("", ""), ("worker: auto\n", "worker"), ("workers: 0\n", "workers"), ("workers: many\n", "workers"),
        ("seed: a\n", "seed"), ("validate: {finalists: -1}\n", "finalists"),
        ("webhook: {url: 'http://x'}\n", "lacks secret"),
        ("latency: {kind: guessed}\n", "kind"),
    ]) func wrongRuns(text: String, said: String) throws {
        let yaml = Self.run0 + Self.data + text, faults = try Self.faults(yaml)
        if said.isEmpty {
            #expect(faults == [])
        } else {
            #expect(faults.contains { $0.contains(said) }, "\(faults)")
            #expect(throws: DocumentError.self) { try RunSpecification.parse(yaml: yaml, file: "x") }
        }
    }

    @Test(arguments: [
        ("data", "{format: csv, train: {files: [a]}, test: {last: 3}, target: k, fit: crop}", "fit"),
        ("data", "{format: idx}", "lacks train"), ("data", "{format: bmp}", "format"),
        ("train", "{steps: 0}", "steps"), ("train", "{steps: 5, sampler: {kind: uniform, random: 2}}", "random"),
        ("train", "{steps: 5, optimizer: {name: adam}}", "name"), ("train", "{steps: 5, dropout: 1}", "dropout"),
        ("search", "{objectives: []}", "objectives"),
        ("search", "{objectives: [{metric: loss}], algorithm: tabu}", "algorithm"),
        ("search", "{objectives: [{metric: loss}], algorithm: {kind: random, eta: 3}}", "algorithm"),
        ("search", "{objectives: [{metric: loss, goal: up}]}", "goal"),
        ("evaluator", "{kind: table, file: x.csv, metrics: {a: b}}", "lacks key"),
        ("evaluator", "{kind: command, name: x, metrics: {a: up}}", "metrics"),
        ("evaluator", "{kind: command, name: x, metrics: {a: maximize}, file: y}", "file"),
    ]) func wrongSections(key: String, text: String, said: String) throws {
        let before = Self.data.split(separator: "\n").filter { !$0.hasPrefix(key + ":") }.joined(separator: "\n")
        let yaml = Self.run0 + before + "\n\(key): \(text)\n", faults = try Self.faults(yaml)
        #expect(faults.contains { $0.contains(said) }, "\(faults)")
        #expect(throws: DocumentError.self) { try RunSpecification.parse(yaml: yaml, file: "x") }
    }
}
