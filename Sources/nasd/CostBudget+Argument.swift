internal import ArgumentParser
internal import SearchSpaces

extension CostBudget {
    /// The value of an option.
    static func argument(_ text: String) throws -> CostBudget {
        guard let budget = CostBudget(text: text) else {
            throw ValidationError("expected multiplyAdds or params, = and a number above 0, found '\(text)'")
        }
        return budget
    }
}
