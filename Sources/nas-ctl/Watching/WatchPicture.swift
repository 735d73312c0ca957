internal import API
internal import Documents
internal import Foundation
internal import SearchSpaces
internal import UserFiles

/// How a run stands, as a picture of a given size.
struct WatchPicture {
    var document: RunDocument
    /// The candidates of the front.
    var front: [CandidateItem] = []
    /// Records of training, spread over the steps so far.
    var training: [TrainingDocument.Record] = []
    /// What the sampler has learned: the share of each bin.
    var learned: LearnedSampling?
    /// Something to tell, such as that the daemon is gone.
    var notice: String?
    var hasColor = false

    /// Columns that the course of the loss takes at most.
    static let longestCourse = 60

    /// The lines, none longer than the width and no more than the height.
    func lines(width: Int, height: Int) -> [String] {
        let run = document.run
        var lines: [String] = []
        let title = DisplayWidth.cut(TerminalText.escaped("\(run.name)  \(run.id)"), to: max(1, width - 26))
        lines.append(style(title, .bold) + "  " + style(run.stateText, Style.ofState(run.state)))
        lines.append(contentsOf: progress(run).map { DisplayWidth.cut($0, to: width) })
        if let course = lossCourse(width: width) { lines.append(course) }
        if let failure = run.failure {
            lines.append(style(DisplayWidth.cut(TerminalText.escaped(failure), to: width), .red))
        }
        if let notice { lines.append(style(DisplayWidth.cut(TerminalText.escaped(notice), to: width), .yellow)) }
        if let learned { lines += [""] + learned.lines(width: width).prefix(max(0, height / 3)) }
        let room = height - lines.count - 2
        if room >= 6, !front.isEmpty { lines += [""] + frontLines(width: width, height: min(room - 1, 20)) }
        return Array(lines.prefix(height))
    }

    /// The state in one line, for what is no terminal.
    var line: String {
        let run = document.run
        let parts =
            ["\(TerminalText.escaped(run.name)) \(run.id)", run.stateText] + progress(run, barWidth: nil)
            + [run.failure.map { TerminalText.escaped($0) }].compactMap { $0 }
        return parts.joined(separator: "; ")
    }

    private func progress(_ run: RunItem, barWidth: Int? = 20) -> [String] {
        func bar(_ done: Int, _ all: Int) -> String {
            barWidth.map { ProgressBar.text(done, of: all, width: $0) + " " } ?? ""
        }
        var lines: [String] = []
        // A run over a table trains nothing.
        if run.steps > 0 {
            var training = bar(run.step, run.steps) + "\(run.step)/\(run.steps) steps"
            if let loss = run.loss { training += ", loss \(NumberText.fixed(loss))" }
            if let workers = run.workers, workers > 0 {
                training += ", \(workers) \(workers == 1 ? "worker" : "workers")"
            }
            lines.append(training)
        }
        if let round = run.round {
            var text = bar(run.evaluations, run.evaluationsPlanned)
            text += "\(run.evaluations)/\(run.evaluationsPlanned) evaluations of round \(round)"
            text += ", \(run.candidates) candidates in all"
            if let volume = run.hypervolume { text += ", hypervolume \(NumberText.fixed(volume))" }
            lines.append(text)
        }
        if let left = run.secondsLeft { lines.append("about \(NumberText.duration(left)) left") }
        return lines
    }

    /// The loss from the first record to the last; nil before there are two, or where there is no room.
    private func lossCourse(width: Int) -> String? {
        guard let first = training.first, let last = training.last, first.step < last.step else { return nil }
        let ends = "loss \(NumberText.fixed(first.loss)) ", end = " \(NumberText.fixed(last.loss))"
        let room = min(Self.longestCourse, width - DisplayWidth.of(ends + end))
        guard room >= 8 else { return nil }
        return ends + Sparkline.text(training.map(\.loss), width: room) + end
    }

    private func frontLines(width: Int, height: Int) -> [String] {
        let y = document.objectives.first?.metric ?? "accuracy"
        let costs = document.metrics?.filter { $0.kind == "cost" }.map(\.name) ?? []
        let usual = costs.contains("multiplyAdds") ? nil : costs.first
        let x = document.objectives.dropFirst().first?.metric ?? usual ?? "multiplyAdds"
        let points = front.compactMap { candidate -> CharacterPlot.Point? in
            guard let x = candidate.value(of: x), let y = candidate.value(of: y) else { return nil }
            return CharacterPlot.Point(x: x, y: y)
        }
        let title =
            "front: \(front.count) candidates"
            + (front.first.flatMap { $0.weightsStep > 0 ? ", weights of step \($0.weightsStep)" : nil } ?? "")
        let plot = CharacterPlot(points: points, xName: x, yName: y)
        return [style(DisplayWidth.cut(title, to: width), .bold)] + plot.lines(width: min(width, 100), height: height)
    }

    private func style(_ text: String, _ style: Style) -> String { hasColor ? style.applied(to: text) : text }
}
