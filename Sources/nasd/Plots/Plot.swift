internal import API
internal import ArgumentParser
internal import Store
internal import UserFiles

/// `nasd plot RUN`: a run's charts as SVG, beside a live run or after it.
struct Plot: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Draw what a run learned and found, as SVG or as a page.",
        discussion: """
            Loss and learning rate over the steps; draws by bin of cost and, with a sampler that learns, their learned probabilities and held-out losses; the best \
            of each bin by the main metric, such as the accuracy, and the front, round by round; the best so far where there is no front \
            to draw. A file whose name ends with .html becomes a page of all charts side by side, any other a drawing of one below the \
            other; both are read in light and in dark. Reads only, also while the run goes on.
            """)

    @OptionGroup var stored: StoredRunArguments
    @Option(help: "The file to write, complete or not at all.", transform: PathText.checked)
    var output: String

    func run() throws {
        try Failure.catching {
            let (drawing, count) = try draw(asPage: output.lowercased().hasSuffix(".html"))
            let file = try OutputFile(path: output)
            try file.write(Array(drawing.utf8))
            try file.commit()
            Output.line("\(count) \(count == 1 ? "chart" : "charts") in \(output)", beside: file)
        }
    }

    /// Draws the charts; the run's store is let go of before anybody waits for a file.
    private func draw(asPage isPage: Bool) throws -> (text: String, count: Int) {
        let found = try stored.open(), store = found.store, run = found.run
        let charts = try RunCharts(store: store, run: run).charts()
        guard !charts.isEmpty else {
            let reason =
                run.state.isEnded
                ? "nothing to draw: it trained nothing, and measured no candidate that keeps every constraint"
                : "nothing to draw before its first checkpoint or measured candidates; try again later"
            throw Failure(code: .notFound, message: "error: run \(run.id) has \(reason)")
        }
        let title = "\(run.draft.name)  \(run.id)"
        return (isPage ? SVGChart.page(charts, title: title) : SVGChart.drawing(charts, title: title), charts.count)
    }
}
