import Foundation
import TestSupport
import Testing

/// A new metric touches its own room alone: no other file names one, but for those that had columns of their own from the start.
@Suite struct MetricTests {
    /// Where metrics are declared and measured.
    private static let rooms = [
        "SearchSpaces/Metrics/", "SearchSpaces/Families/", "Runs/Tasks/", "Training/Tasks/", "Coordinator/Evaluators/",
    ]
    /// The columns that every CSV has, and the CSV that comes with the first schema.
    private static let usual: Set<String> = ["accuracy", "loss", "params", "multiplyAdds", "latencyMilliseconds"]

    /// The metrics that a source declares.
    private static func declared(in text: String) -> [String] {
        text.matches(of: /static let (\w+) = Metric\(/).map { String($0.1) }
    }

    /// The metrics of a list that a source names, comments left out.
    private static func named(_ metrics: Set<String>, in text: String) -> [String] {
        text.split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("//") }
            .flatMap { $0.matches(of: /\.(\w+)/).map { String($0.1) } }.filter(metrics.contains)
    }

    @Test func noOtherFileNamesAMetric() throws {
        let sources = Repository.root.appending(path: "Sources")
        let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
            .compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
        var metrics: Set<String> = [], others: [(path: String, text: String)] = []
        for file in files {
            let path = String(file.path.dropFirst(sources.path.count + 1))
            let text = try String(contentsOf: file, encoding: .utf8)
            let isRoom = Self.rooms.contains { path.hasPrefix($0) }
            metrics.formUnion(Self.declared(in: text))
            if !isRoom { others.append((path, text)) }
        }
        #expect(metrics.isSuperset(of: Self.usual) && metrics.contains("activationBytes") && metrics.contains("rmse"))
        metrics.subtract(Self.usual)
        for (path, text) in others {
            let found = Self.named(metrics, in: text)
            #expect(found.isEmpty, "\(path) names \(found)")
        }
    }

    /// The check itself must be able to fail.
    @Test func aNamedMetricIsSeen() {
        #expect(Self.declared(in: "    public static let bleu = Metric(\n") == ["bleu"])
        #expect(Self.named(["bleu"], in: "// .bleu\nvalue(of: .bleu)\n") == ["bleu"])
    }
}
