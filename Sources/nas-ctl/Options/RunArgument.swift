internal import ArgumentParser

/// The run that a command is about.
struct RunArgument: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "An id, a unique prefix of at least 4 characters, or a name that only one run has.", valueName: "run"),
        completion: RunCompletion.kind)
    var name: String

    func validate() throws {
        if name.isEmpty { throw ValidationError("expected the id or the name of a run, found nothing") }
    }
}
