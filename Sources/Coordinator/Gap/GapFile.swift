internal import Foundation
public import Store

/// The records of a run's gap study, in the file `gap.json` of the run's folder.
public struct GapFile: Sendable, Equatable, Codable {
    /// The word that every such file carries.
    private static let currentFormat = "nasd-gap/1"

    /// The result of one stand-alone training.
    struct Standalone: Sendable, Equatable, Codable {
        let genome: String
        let seed: Int
        let loss: Double
        let accuracy: Double
    }

    private let format: String
    /// What the trainings depended on: space without mixture, data with its splits, recipe.
    let recipe: String
    /// The stand-alone trainings, in the order in which they were made.
    var standalones: [Standalone] = []
    /// The records, in the order in which they were made.
    public var records: [GapRecord]

    /// Creates a file without records.
    init(recipe: String) {
        format = Self.currentFormat
        self.recipe = recipe
        records = []
    }

    /// Where the file of a run is.
    public static func path(_ directory: DataDirectory, _ run: RunID) -> String {
        directory.runDirectory(run) + "/gap.json"
    }

    /// Reads a file; nil where there is none.
    ///
    /// - Throws: `CoordinatorError.damagedGap` for a file that is none or cannot be read.
    public static func read(_ path: String) throws(CoordinatorError) -> GapFile? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        guard let data = FileManager.default.contents(atPath: path),
            let file = try? JSONDecoder().decode(GapFile.self, from: data), file.format == currentFormat
        else {
            throw .damagedGap(path: path)
        }
        return file
    }

    /// Writes the file, complete or not at all.
    func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        try AtomicFile.write(try encoder.encode(self), to: path)
    }
}
