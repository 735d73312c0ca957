public import Documents

extension UserInputError {
    /// The exit code that the error ends either program with.
    public var exitStatus: ExitStatus { isNotFound ? .notFound : .usage }

    /// The error as either program prints it.
    public var line: String { beginsWithPlace ? "\(self)" : "error: \(self)" }
}
