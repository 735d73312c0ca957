import Documents
import Foundation
import Runs
import SearchSpaces

/// The root of the repository.
let repository = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

func text(_ path: String) throws -> String {
    try String(contentsOf: repository.appendingPathComponent(path), encoding: .utf8)
}

func space(_ name: String) throws -> SearchSpace {
    try SpaceCatalog.load(repository.appendingPathComponent("SearchSpaces/\(name).yaml").path)
}

func run(_ name: String, overrides: [(key: String, value: String)] = []) throws -> RunSpecification {
    try RunSpecification.parse(
        yaml: text("SearchSpaces/runs/\(name).yaml"), file: "\(name).yaml", overrides: overrides)
}

/// A space of few architectures, for counting.
let tinySpace = """
    apiVersion: nasd/v1
    kind: SearchSpace
    name: tiny
    family: vit
    input: {height: 8, width: 8, channels: 1, patch: 4, classes: 2}
    headWidth: 8
    choices:
      embed: [8, 16]
      depth: [1, 3]
      heads: [1, 2]
      mlpRatio: [2, 2.5, 3]
    """

/// The messages of the faults that reading throws; empty if it throws none.
func faults(_ read: () throws -> some Any) -> [String] {
    do {
        _ = try read()
        return []
    } catch let error as DocumentError {
        return error.description.split(separator: "\n").map(String.init)
    } catch {
        return ["unexpected \(error)"]
    }
}

/// SplitMix64, for tests that need the same numbers each time.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
