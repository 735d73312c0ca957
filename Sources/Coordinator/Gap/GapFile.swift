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
        /// The main metric.
        let main: Double

        // The name that it has had since there was one task.
        enum CodingKeys: String, CodingKey { case genome, seed, loss, main = "accuracy" }
    }

    private let format: String
    /// What the trainings depended on: space without mixture, data with its splits, recipe.
    let recipe: String
    /// The run's main metric, whose values the keys with `accuracy` in their names have; nil where it is the accuracy, and in
    /// files of earlier versions.
    var metric: String?
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

/// What is known of one subnet and one seed: its losses with inherited weights and trained alone, on all validation
/// examples.
public struct GapRecord: Sendable, Equatable, Codable {
    /// The architecture, as in results.csv.
    public let genome: String
    /// Trainable scalars.
    public let params: Int
    /// Multiply-adds of one forward pass of one example.
    public let multiplyAdds: Int
    /// The seed of the stand-alone training.
    public let seed: Int
    /// Steps of the stand-alone training.
    public let steps: Int
    /// With the network trained alone.
    public let standaloneLoss: Double
    /// The main metric with the network trained alone.
    public let standaloneMain: Double
    /// The training step of the supernet's weights.
    public let weightsStep: Int
    /// With the weights of the supernet.
    public let inheritedLoss: Double
    /// The main metric with the weights of the supernet.
    public let inheritedMain: Double
    /// Steps from inherited weights to the stand-alone loss, 0 where they are as good; nil when it was not reached or asked.
    public let extraSteps: Int?
    /// Steps that they were given.
    public let extraLimit: Int

    /// Inherited minus stand-alone loss: above 0 where the subnet is worse in the supernet.
    public var gap: Double { inheritedLoss - standaloneLoss }

    // Main metrics keep the names that they have had since there was one task.
    enum CodingKeys: String, CodingKey {
        case genome, params, multiplyAdds, seed, steps, standaloneLoss, standaloneMain = "standaloneAccuracy"
        case weightsStep, inheritedLoss, inheritedMain = "inheritedAccuracy", extraSteps, extraLimit
    }
}

/// What a gap study does: how many subnets, how often each is trained alone, and how long inherited weights may catch up.
public struct GapSettings: Sendable, Equatable {
    /// Subnets: the smallest, the largest, and others evenly over the costs between.
    public let subnets: Int
    /// Stand-alone trainings of each subnet.
    public let seeds: Int
    /// Steps that inherited weights are trained at most to reach the stand-alone loss; 0 leaves that out.
    public let extraSteps: Int

    /// Creates settings.
    public init(subnets: Int, seeds: Int, extraSteps: Int) {
        self.subnets = subnets
        self.seeds = seeds
        self.extraSteps = extraSteps
    }
}
