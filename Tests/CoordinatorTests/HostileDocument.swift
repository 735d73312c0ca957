import Datasets
import Documents
import Foundation
import Runs
import SearchSpaces
import Store
import Tensors
import TestSupport
import Training

@testable import Coordinator

/// A run of one step whose keys are set one by one, on small images of whatever shape its space asks for.
struct HostileDocument {
    /// What became of it.
    enum Outcome: String, CaseIterable {
        /// A reader says what is wrong with it.
        case refused
        /// Accepted, and then refused for its data, its memory or its constraints, with an error that says so.
        case unfit
        /// Accepted, and larger than what is computed here.
        case large
        /// Accepted, and a step was computed, or its training diverged.
        case computed
    }

    /// Memory that a run may take here.
    static let memoryLimit = 512 << 20
    /// Multiply-adds that one step and one candidate may take here.
    static let mostWork = 2e9

    private(set) var space: [String: String] = [
        "apiVersion": "nasd/v1", "kind": "SearchSpace", "name": "s", "family": "vit", "headWidth": "4",
        "input.height": "4", "input.width": "4", "input.channels": "1", "input.patch": "2", "input.classes": "2",
        "choices.embed": "[8, 16]", "choices.depth": "[1, 2]", "choices.heads": "[1, 2]",
        "choices.mlpRatio": "[1, 2]", "mixture.experts": "2", "mixture.hidden": "8",
    ]
    private(set) var run: [String: String] = [
        "apiVersion": "nasd/v1", "kind": "Run", "name": "r", "space": "s", "train.steps": "2", "train.batch": "8",
        "train.shards": "2", "search.population": "2", "search.evaluations": "2", "search.samples": "8",
        "search.algorithm.kind": "nsga2", "search.algorithm.tournament": "2",
        "search.algorithm.crossoverRate": "0.9", "search.algorithm.mutationRate": "0",
        "search.objectives": "[{metric: accuracy}]", "search.constraints": "[{metric: params, atMost: 1e18}]",
        "search.stop.target": "0.5", "search.stop.stagnation": "1", "search.stop.gain": "0.1",
        "search.stop.minutes": "10",
        "search.during.every": "1", "search.during.evaluations": "2", "validate.finalists": "1",
        "data.holdOut.validation": "8", "data.holdOut.sampler": "8", "train.distillation.weight": "0.5",
    ]
    private let isGenerated: Bool

    /// The documents that together have every key.
    static let bases: [HostileDocument] = [
        HostileDocument(sampler: "{kind: sandwich, random: 1}", optimizer: "adamw", isGenerated: true),
        HostileDocument(
            sampler: "{kind: shift, bins: 2, warm: 1, period: 1, window: 1, panels: 1, samples: 8, joint: 1}",
            optimizer: "sgd", isGenerated: false),
        HostileDocument(
            sampler: """
                {kind: shift, bins: 2, warm: 1, period: 1, window: 1, panels: 1, samples: 8, joint: 1, \
                estimator: literal}
                """, optimizer: "adamw", isGenerated: false),
    ]

    init(sampler: String, optimizer: String, isGenerated: Bool) {
        self.isGenerated = isGenerated
        for entry in sampler.dropFirst().dropLast().components(separatedBy: ", ") {
            let parts = entry.components(separatedBy: ": ")
            run["train.sampler.\(parts[0])"] = parts[1]
        }
        run["train.optimizer.name"] = optimizer
        run["train.optimizer.clip"] = "1"
        if isGenerated {
            space.merge(["input.height": "28", "input.width": "28", "input.patch": "14", "input.classes": "10"]) { $1 }
            run.merge(["data.format": "glyphs", "data.count": "40", "data.testCount": "8"]) { $1 }
        } else {
            run.merge([
                "data.format": "npy", "data.train.images": "train.npy", "data.train.labels": "train-labels.npy",
                "data.test.images": "test.npy", "data.test.labels": "test-labels.npy",
            ]) { $1 }
        }
    }

    /// What every key of both documents accepts.
    var rules: [(isOfSpace: Bool, rule: KeyRule)] {
        RunSpecification.keyRules(yaml: Self.yaml(run)).map { (false, $0) }
            + SearchSpace.keyRules(yaml: Self.yaml(space)).map { (true, $0) }
    }

    /// Sets a key.
    mutating func set(_ path: String, ofSpace: Bool, to value: String) {
        if let bound = path.firstMatch(of: /^search\.constraints\[0\]\.(.+)$/) {
            run["search.constraints"] = "[{metric: params, \(bound.1): \(value)}]"
        } else if ofSpace {
            space[path] = value
        } else {
            run[path] = value
        }
    }

    /// The keys as a YAML document.
    static func yaml(_ values: [String: String]) -> String {
        var sections: [String: [String: String]] = [:]
        var text = ""
        for (path, value) in values.sorted(by: { $0.key < $1.key }) {
            if let dot = path.firstIndex(of: ".") {
                sections[String(path[..<dot]), default: [:]][String(path[path.index(after: dot)...])] = value
            } else {
                text += "\(path): \(value)\n"
            }
        }
        for (name, values) in sections.sorted(by: { $0.key < $1.key }) {
            text += "\(name):\n" + yaml(values).split(separator: "\n").map { "  \($0)\n" }.joined()
        }
        return text
    }

    /// Reads the documents, and computes a step where they are accepted and small.
    func outcome(_ store: RunStore, _ images: ImageFiles, _ kernels: Kernels, _ pool: WorkerPool) throws -> Outcome {
        let specification: RunSpecification, space: SearchSpace
        do {
            specification = try RunSpecification.parse(yaml: Self.yaml(run), file: "run")
            space = try SearchSpace.parse(yaml: Self.yaml(self.space), file: "space")
        } catch {
            return .refused
        }
        do {
            try RunInputs.check(specification, in: space)
            // Whatever is asked for, these have an answer.
            _ = RunEstimate.diskBytes(specification, space)
            _ = RoundPlan(specification).evaluations
            let folder = isGenerated ? nil : try images.folder(of: space.signature)
            let bytes = try MemoryEstimate.bytes(specification, space, folder: folder, workers: pool.count)
            let largest = Double(space.cost(of: space.largest).multiplyAdds)
            let examples = Double(max(specification.train?.batch ?? 1, specification.search?.samples ?? 1, 64))
            guard bytes <= Self.memoryLimit, largest * examples * Double(passes(specification)) <= Self.mostWork,
                specification.search?.population ?? 0 <= 64, !isHuge(specification)
            else { return .large }
            let inputs = try RunInputs(specification: specification, space: space, folder: folder)
            var generator = SeededGenerator(.random(in: 0 ... .max))
            let stored = try store.createRun(
                specification, space: space, time: Timestamp(Date()), using: &generator)
            let control = RunControl()
            _ = try RunCoordinator(
                store: store, run: stored.id, inputs: inputs, pool: pool, kernels: kernels, control: control
            ) { progress in
                switch progress {
                case .trained, .searched: control.ask(.stop)
                default: break
                }
            }.execute()
            return .computed
        } catch is CoordinatorError {
            return .unfit
        } catch let error where error is DatasetError || error is TrainingError {
            return .unfit
        } catch is RunError {
            return .unfit
        } catch StoreError.invalid {
            return .unfit
        }
    }

    private func passes(_ specification: RunSpecification) -> Int {
        switch specification.train?.sampler.settings {
        case let sandwich as SandwichSettings: sandwich.random + 2
        case let shift as ShiftSettings: 4 + shift.binCount + shift.costTargets / 16
        default: 1
        }
    }

    /// Whether generated images or what the sampler measures take long, whatever the network.
    private func isHuge(_ specification: RunSpecification) -> Bool {
        guard let glyphs = specification.data?.source as? GlyphSettings else { return false }
        return glyphs.count + glyphs.testCount > 5000
    }
}

/// Small images of any shape, as files.
final class ImageFiles {
    private let path = NSTemporaryDirectory() + "nasd-images-" + UUID().uuidString
    private static let mostValues = 1 << 18

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The folder of images that a space reads; labels go up to what it can tell apart, ten at most.
    func folder(of signature: ExampleSignature) throws -> DataFolder {
        let size = signature.inputCount, classes = min(10, signature.outputCount)
        guard size <= Self.mostValues, case .image(let height, let width, let channels) = signature.input else {
            throw CoordinatorError.noDataFolder(name: "images", reason: "too large for a test")
        }
        let folder = "\(path)/\(height)-\(width)-\(channels)-\(classes)"
        if !FileManager.default.fileExists(atPath: folder) {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for (part, count) in [("train", 40), ("test", 8)] {
                let pixels = (0..<count * size).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ $0 / size) }
                try Files.write(
                    Files.npy("|u1", "(\(count), \(height), \(width), \(channels))", pixels),
                    "\(folder)/\(part).npy")
                let labels = (0..<count).map { UInt8($0 % classes) }
                try Files.write(Files.npy("|u1", "(\(count),)", labels), "\(folder)/\(part)-labels.npy")
            }
        }
        return DataFolder(folder)
    }
}
