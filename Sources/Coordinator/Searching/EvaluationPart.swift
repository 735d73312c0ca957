/// A part of the data that subnets are measured on.
public enum EvaluationPart: String, Sendable, CaseIterable {
    /// The validation split of the training data.
    case validation
    /// The test data.
    case test
}
