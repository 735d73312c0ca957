internal import Runs
internal import SearchSpaces

/// Which rule has ended a search before its evaluations were used up; the raw value is the key of run files.
public enum SearchEnding: String, Sendable, Hashable, Codable, CaseIterable {
    /// The first objective has reached what was wanted.
    case target
    /// The hypervolume has not grown for so many evaluations.
    case stagnation
    /// The time is used up.
    case minutes
}

/// What stop rules look at, besides what a search knows anyway.
public struct SearchProgress: Sendable, Hashable, Codable {
    /// The greatest hypervolume so far; nil where nobody knows it.
    public private(set) var hypervolume: Double?
    /// Candidates that were asked when it last grew.
    public private(set) var grownAt = 0
    /// Seconds that the search has taken; 0 where no rule asks for them, so that states are the same each time.
    public internal(set) var seconds = 0.0

    /// Begins to count anew, as if the hypervolume had just grown.
    mutating func begin(after asked: Int) {
        grownAt = asked
        seconds = 0
    }

    /// Notes a hypervolume; one that nobody knows counts as one that grows.
    mutating func note(_ volume: Double?, after asked: Int, gain: Double) {
        guard let volume, let known = hypervolume else {
            hypervolume = volume
            grownAt = asked
            return
        }
        // Small steps add up: what counts is the growth since the last one that was enough.
        if volume > known, volume - known >= gain {
            hypervolume = volume
            grownAt = asked
        }
    }

    /// The first rule that holds; nil where none does.
    func ending(
        by rules: StopRules, after asked: Int, best: Double?, goal: Objective.Goal
    ) -> SearchEnding? {
        if let target = rules.target, let best, goal == .maximize ? best >= target : best <= target { return .target }
        if let stagnation = rules.stagnation, asked - grownAt >= stagnation { return .stagnation }
        if let minutes = rules.minutes, seconds >= 60 * minutes { return .minutes }
        return nil
    }
}
