internal import API
internal import ArgumentParser

/// `nas-ctl training RUN`: loss, learning rate and speed over the steps.
struct Training: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List loss, learning rate and speed of every n-th training step.",
        discussion: """
            How often is train.recordEvery in the run file. The columns of -o csv are those of nasd export --training.

            Example: nas-ctl training mnist-vit -o csv
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var list: ListOptions
    @OptionGroup var target: RunArgument

    func run() throws {
        try global.run { session in
            let listing = TrainingDocument.Record.listing
            let (filter, order) = try listing.rules(list)
            var whole = TrainingDocument(run: target.name, recordEvery: 1, records: [])
            try listing.write(to: session, limit: list.limit, filter: filter, order: order) {
                limit, cursor throws(APIClientError) in
                whole = try session.client.training(of: target.name, limit: limit, cursor: cursor)
                return (whole.records, whole.next)
            } document: { records, next in
                TrainingDocument(run: whole.run, recordEvery: whole.recordEvery, records: records, next: next)
            }
        }
    }
}
