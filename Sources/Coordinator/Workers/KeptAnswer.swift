internal import Foundation
internal import SearchSpaces

/// An answer of a worker as the store has it: what it lacks or has of the wrong type is a failure, which is final.
struct KeptAnswer: Codable {
    private(set) var values: [String: Double]?
    private(set) var samples: Int?
    /// Why there are no values.
    private(set) var failed: String?

    private init(values: [String: Double], samples: Int) {
        self.values = values
        self.samples = samples
    }

    init(failed: String) { self.failed = failed }

    init(json: String) throws { self = try JSONDecoder().decode(Self.self, from: Data(json.utf8)) }

    /// What is kept of an answer.
    ///
    /// - Parameters:
    ///   - metrics: What was asked for.
    ///   - needed: Those of them that it has to have.
    ///   - samples: On how many examples, where it does not say so.
    static func of(
        _ answer: SlotPool.Answer, metrics: [Metric], needed: (Metric) -> Bool, samples usual: Int
    ) -> KeptAnswer {
        let message: WorkerJSON
        switch answer {
        case .failed(let reason): return KeptAnswer(failed: reason)
        case .result(let value): message = value
        }
        guard case .object(let given)? = message["metrics"] else { return KeptAnswer(failed: "no metrics") }
        var values: [String: Double] = [:]
        for metric in metrics {
            switch given[metric.name] {
            case .number(let value)? where value.isFinite: values[metric.name] = value
            case .number?: return KeptAnswer(failed: "nonfinite")
            case nil, .null?: if needed(metric) { return KeptAnswer(failed: "missing \(metric.name)") }
            default: return KeptAnswer(failed: "no number: \(metric.name)")
            }
        }
        let samples = message["samples"] ?? .number(Double(usual))
        guard let count = samples.integer, (0...1_000_000_000).contains(count) else {
            return KeptAnswer(failed: "no number: samples")
        }
        return values.isEmpty ? KeptAnswer(failed: "no metrics") : KeptAnswer(values: values, samples: count)
    }

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    func outcome(_ metrics: [Metric]) -> CandidateOutcome {
        if let failed { return .failed(reason: failed) }
        var found: [Metric: Double] = [:]
        for metric in metrics { found[metric] = values?[metric.name] }
        return .measured(found, samples: samples ?? 0)
    }
}
