import Foundation
import Testing

@testable import Search

/// What pymoo 0.6.1.3 comes to: `Fixtures/pymoo.json`, which `Fixtures/pymoo_values.py` writes.
struct PymooValues: Decodable {
    struct Sorting: Decodable {
        let points: [[Double]]
        let fronts: [[Int]]
        /// Of the first front; infinity as 1e30.
        let crowding: [Double]?
    }

    struct Lattice: Decodable {
        let dimensions: Int
        let partitions: Int
        let directions: [[Double]]
    }

    struct Spread: Decodable {
        let dimensions: Int
        let count: Int
        let closest: Double
    }

    struct Niching: Decodable {
        struct Generation: Decodable {
            let points: [[Double]]
            let survivors: [Int]
            let ideal: [Double]
            let nadir: [Double]
            let extremes: [[Double]]
            /// The survivors in their order, each with its direction and its distance from it.
            let order: [Int]
            let niches: [Int]
            let distances: [Double]
        }

        let partitions: Int
        let keep: Int
        let generations: [Generation]
    }

    struct Geometry: Decodable {
        let points: [[Double]]
        let front: [Int]
        /// Infinity as 1e30.
        let scores: [Double]
        let power: Double
        let ranges: [Double]
        let keep: Int
        let survivors: [Int]
    }

    struct Distribution: Decodable, Sendable {
        let problem: String
        let algorithm: String
        let volumes: [Double]
    }

    let sorting: [Sorting]
    let directions: [Lattice]
    let spread: [Spread]
    let nsga3: [Niching]
    let agemoea: [Geometry]
    let distributions: [Distribution]

    static func read() throws -> PymooValues {
        let folder = try #require(Bundle.module.url(forResource: "Fixtures", withExtension: nil))
        return try JSONDecoder().decode(Self.self, from: Data(contentsOf: folder.appending(path: "pymoo.json")))
    }
}
