import Documents
import Foundation
import SearchSpaces
import Store
import Tensors
import TestSupport
import Testing
import Training

@testable import Coordinator

/// No document that is accepted ends the process: every numeric key at every edge, alone, and then random documents.
///
/// The keys and their ranges are those that the readers ask for, so that none is left out. `NASD_DOCUMENTS` is the number of
/// random documents (default 150); with `NASD_DOCUMENT_TABLE` the counts of every key are written to that file.
@Suite(.serialized) final class HostileDocumentTests {
    private let path = NSTemporaryDirectory() + "nasd-documents-" + UUID().uuidString
    private let images = ImageFiles()
    private let store: RunStore
    private let kernels: Kernels
    private let pool: WorkerPool

    init() throws {
        store = try RunStore(DataDirectory(owning: path))
        kernels = try Kernels()
        pool = try WorkerPool(count: 2)
    }

    deinit {
        try? store.close()
        try? FileManager.default.removeItem(atPath: path)
    }

    private struct Key: Hashable, Comparable {
        let isOfSpace: Bool
        let path: String

        static func < (left: Key, right: Key) -> Bool { (left.name) < (right.name) }
        var name: String { (isOfSpace ? "space " : "run ") + path }
    }

    private typealias Counts = [Key: [HostileDocument.Outcome: Int]]

    /// Values at and beside the ends of a range, and those that one type has and another has not.
    private static func edges(_ kind: KeyRule.Kind) -> [String] {
        let strange = ["0", "-1", "-0", "1e999", ".nan", ".inf", "-.inf", "''", "null", "9223372036854775808"]
        switch kind {
        case .integer(let range):
            let (low, high) = (range.lowerBound, range.upperBound)
            let beside =
                [low, low.addingReportingOverflow(-1).partialValue, low.addingReportingOverflow(1).partialValue]
                + [high, high.addingReportingOverflow(1).partialValue, high.addingReportingOverflow(-1).partialValue]
            return beside.map(String.init) + [
                "8", "14", "16", "28", String(low / 2 + high / 2), "\(Int.max)", "\(Int.min)",
            ] + strange
        case .number(let range, _):
            return reals(range).map { "\($0)" } + strange
        case .numbers(let range, let isWhole):
            let values = reals(range).map { "[\(isWhole ? "\(Int(saturating: $0))" : "\($0)")]" }
            return values + strange.map { "[\($0)]" } + ["[]", "[\(range.lowerBound), \(range.upperBound)]"]
        default: return []
        }
    }

    private static func reals(_ range: ClosedRange<Double>) -> [Double] {
        let (low, high) = (range.lowerBound, range.upperBound)
        let tiny = Double(Float.leastNormalMagnitude)
        return [
            low, low.nextDown, low.nextUp, high, high.nextDown, high.nextUp, (low + high) / 2, .leastNonzeroMagnitude,
            Double.leastNormalMagnitude.nextDown, 1e-50,
            1e-46, Double(Float.leastNonzeroMagnitude), 1e-40, tiny.nextDown, tiny, tiny.nextUp,
            Double(Float.greatestFiniteMagnitude), 1e39, .greatestFiniteMagnitude,
        ]
    }

    private static let numeric: [(base: Int, isOfSpace: Bool, rule: KeyRule)] = {
        var seen: Set<Key> = []
        return HostileDocument.bases.enumerated().flatMap { base, document in
            document.rules.filter { entry in
                entry.rule.isNumeric && !entry.rule.path.hasSuffix("[]")
                    && seen.insert(Key(isOfSpace: entry.isOfSpace, path: entry.rule.path)).inserted
            }.map { (base, $0.isOfSpace, $0.rule) }
        }
    }()

    @Test func everyReaderOfNumbersIsTried() throws {
        let names = Set(Self.numeric.map(\.rule.path))
        // Some that only one of the documents asks for.
        for key in [
            "train.distillation.temperature", "train.dropout", "mixture.dropout", "train.sampler.random",
            "train.sampler.temperature.end", "train.optimizer.clip", "data.count", "data.testCount", "workers",
            "search.constraints[0].atMost", "choices.embed", "choices.mlpRatio", "input.classes",
        ] { #expect(names.contains(key), "\(key)") }
        #expect(names.count >= 50)
    }

    @Test func everyKeyAtEveryEdgeAlone() throws {
        for base in HostileDocument.bases {
            #expect(
                try base.outcome(store, images, kernels, pool) == .computed, "the documents are good without a change")
        }
        var counts: Counts = [:]
        for (base, isOfSpace, rule) in Self.numeric {
            for value in Set(Self.edges(rule.kind)).sorted() {
                var document = HostileDocument.bases[base]
                document.set(rule.path, ofSpace: isOfSpace, to: value)
                let outcome = try document.outcome(store, images, kernels, pool)
                counts[Key(isOfSpace: isOfSpace, path: rule.path), default: [:]][outcome, default: 0] += 1
            }
        }
        for (key, outcomes) in counts {
            #expect(outcomes[.refused] ?? 0 > 0, "\(key.name) has an end")
            #expect(outcomes.count > 1, "\(key.name) accepts something")
        }
        try write(counts, "every numeric key at its edges, alone")
    }

    @Test func randomDocuments() throws {
        let wanted = ProcessInfo.processInfo.environment["NASD_DOCUMENTS"].flatMap(Int.init) ?? 150
        var generator = SeededGenerator(14)
        var counts: Counts = [:]
        var totals: [HostileDocument.Outcome: Int] = [:]
        for _ in 0..<wanted {
            let base = Int.random(in: 0..<HostileDocument.bases.count, using: &generator)
            var document = HostileDocument.bases[base]
            var keys: [Key] = []
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let (home, isOfSpace, rule) = Self.numeric.randomElement(using: &generator) ?? Self.numeric[0]
                // What belongs to another kind of document is no key of this one.
                guard home == base || home == 0, let value = Self.value(rule.kind, using: &generator) else { continue }
                document.set(rule.path, ofSpace: isOfSpace, to: value)
                keys.append(Key(isOfSpace: isOfSpace, path: rule.path))
            }
            let outcome = try document.outcome(store, images, kernels, pool)
            totals[outcome, default: 0] += 1
            for key in keys { counts[key, default: [:]][outcome, default: 0] += 1 }
        }
        #expect(totals[.computed] ?? 0 >= wanted * 3 / 10, "\(totals)")
        try write(
            counts,
            "\(wanted) random documents: \(totals.map { "\($0.value) \($0.key.rawValue)" }.sorted().joined(separator: ", "))"
        )
    }

    /// A value of a key: mostly one that is small and good, now and then one at an edge.
    private static func value(_ kind: KeyRule.Kind, using generator: inout SeededGenerator) -> String? {
        if Int.random(in: 0..<8, using: &generator) == 0 { return edges(kind).randomElement(using: &generator) }
        switch kind {
        case .integer(let range):
            return
                "\(Int.random(in: range.lowerBound...min(range.upperBound, max(range.lowerBound, 8)), using: &generator))"
        case .number(let range, _):
            let power = Double.random(in: -44...2, using: &generator)
            return
                "\(min(range.upperBound, max(range.lowerBound, Double.random(in: 0...1, using: &generator) * pow(10, power))))"
        case .numbers(let range, let isWhole):
            let low = max(1, Int(range.lowerBound)), first = Int.random(in: low...low + 8, using: &generator)
            return isWhole ? "[\(first), \(first + 4)]" : "[\(first)]"
        default: return nil
        }
    }

    private func write(_ counts: Counts, _ title: String) throws {
        guard let file = ProcessInfo.processInfo.environment["NASD_DOCUMENT_TABLE"] else { return }
        let outcomes = HostileDocument.Outcome.allCases
        var lines = ["", "### \(title)", "", "| key | \(outcomes.map(\.rawValue).joined(separator: " | ")) |"]
        lines.append("|---|" + outcomes.map { _ in "---|" }.joined())
        for (key, found) in counts.sorted(by: { $0.key < $1.key }) {
            lines.append("| \(key.name) | \(outcomes.map { "\(found[$0] ?? 0)" }.joined(separator: " | ")) |")
        }
        let before = FileManager.default.contents(atPath: file).map { String(decoding: $0, as: UTF8.self) } ?? ""
        try Files.write(Array((before + lines.joined(separator: "\n") + "\n").utf8), file)
    }
}
