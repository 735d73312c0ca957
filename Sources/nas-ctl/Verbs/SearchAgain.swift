internal import API
internal import ArgumentParser
internal import Documents
internal import Runs
internal import SearchSpaces

/// `nas-ctl search RUN`: another search of a supernet that is trained.
struct SearchAgain: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search", abstract: "Search the supernet of a run anew; nothing is trained.",
        discussion: """
            Hands in the run file of RUN with supernet in place of train, and what --set changes of it: other objectives, \
            constraints, evaluations, samples. It becomes a run of its own, called NAME-search unless name is set; RUN stays as it \
            is and may go on or be deleted. supernet.step names other weights than the newest.

            Example: nas-ctl search mnist-vit --set search.evaluations=250 --set validate.tune.steps=500 --watch
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var target: RunArgument
    @OptionGroup var submission: SubmissionOptions

    func run() throws {
        try submission.permit(global)
        try global.run { session in
            let source = try session.client.run(target.name)
            let begun = try RunSpecification.parse(
                yaml: source.specification, file: "run \(source.run.id)", origin: .store)
            let text = begun.searchFile(
                of: source.run.id, name: RunSpecification.searchName(of: source.run.name))
            let file = try RunFile(
                name: "run \(source.run.id)", text: text,
                space: SearchSpace.parse(
                    yaml: source.space, file: "space of run \(source.run.id)", origin: .store),
                overrides: submission.set)
            try submission.handIn(file, session)
        }
    }
}
