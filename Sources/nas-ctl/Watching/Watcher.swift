internal import API
internal import Documents
internal import Foundation
internal import SearchSpaces
internal import UserFiles

/// Draws a run, or all that goes on, until it ends or the user has seen enough.
struct Watcher {
    private let session: Session
    private static let refreshMilliseconds = 1000
    private static let plainSeconds = 15.0
    /// Records behind each column of the loss's course: a single step's loss says little.
    private static let courseDetail = 4

    init(_ session: Session) { self.session = session }

    /// Watches a run until it ends.
    ///
    /// - Throws: `Failure` with code 7 when it ends failed or cancelled.
    func watch(_ name: String) throws {
        var picture = WatchPicture(
            document: try session.client.run(name), hasColor: session.console.terminal.hasColor)
        let run = picture.document.run.id
        var feed = SamplerFeed(run: run)
        var seen: [Int] = []
        let screen = Screen(session.console.terminal)
        defer { screen?.close() }
        var plain = PlainProgress(pauseSeconds: Self.plainSeconds)
        while true {
            do throws(APIClientError) {
                picture.document = try session.client.run(run)
                picture.notice = nil
                let item = picture.document.run
                if screen != nil {
                    picture.training = try training(of: run)
                    picture.learned = try feed.newest(session.client)
                    // The front changes only with what is measured.
                    let now = [item.candidates, item.evaluations, item.round ?? -1, item.isEnded ? 1 : 0]
                    if now != seen { picture.front = try front(of: run) }
                    seen = now
                }
            } catch {
                guard error.isTransient else { throw error }
                if picture.notice == nil, screen == nil { session.console.note("\(error); trying again") }
                picture.notice = "\(error)"
            }
            let item = picture.document.run
            let isEnded = item.isEnded && picture.notice == nil
            if let screen {
                let size = screen.size
                let lines = picture.lines(width: size.columns, height: max(1, size.rows - 1))
                screen.show(lines + [isEnded ? "" : DisplayWidth.cut("q ends", to: size.columns)])
                if isEnded {
                    screen.close()
                    try session.console.write(lines: lines)
                } else if screen.key(within: Self.refreshMilliseconds) == "q" {
                    return
                }
            } else {
                if let line = plain.next(picture, isLast: isEnded) {
                    try session.console.write(line + "\n")
                    try session.console.flush()
                }
                if !isEnded { Thread.sleep(forTimeInterval: Double(Self.refreshMilliseconds) / 1000) }
            }
            guard isEnded else { continue }
            if item.state != "completed" { throw Failure(ended: item, insteadOf: RunGoal(state: nil)) }
            return
        }
    }

    /// Watches everything that goes on, until the user has seen enough.
    func watchAll() throws {
        var runs = try session.client.currentRuns().runs
        let screen = Screen(session.console.terminal)
        defer { screen?.close() }
        var plain: [String: PlainProgress] = [:]
        var notice: String?
        while true {
            if let screen {
                let size = screen.size
                var table = TableRenderer(
                    RunItem.listing.columns, isWide: session.format == .wide, width: size.columns,
                    hasColor: session.console.terminal.hasColor, showsHeader: !session.options.noHeaders)
                var lines = runs.isEmpty ? ["no runs"] : table.lines(runs)
                if let notice { lines.insert(DisplayWidth.cut(TerminalText.escaped(notice), to: size.columns), at: 0) }
                screen.show(lines.prefix(max(1, size.rows - 1)) + [DisplayWidth.cut("q ends", to: size.columns)])
                if screen.key(within: Self.refreshMilliseconds) == "q" { return }
            } else {
                for run in runs {
                    var progress = plain[run.id] ?? PlainProgress(pauseSeconds: Self.plainSeconds)
                    let picture = WatchPicture(document: RunDocument(run: run))
                    if let line = progress.next(picture, isLast: run.isEnded) { try session.console.write(line + "\n") }
                    plain[run.id] = progress
                }
                try session.console.flush()
                Thread.sleep(forTimeInterval: Double(Self.refreshMilliseconds) / 1000)
            }
            do throws(APIClientError) {
                runs = try session.client.currentRuns().runs
                notice = nil
            } catch {
                guard error.isTransient else { throw error }
                if notice == nil, screen == nil { session.console.note("\(error); trying again") }
                notice = "\(error)"
            }
        }
    }

    // Before the first round there is none.
    private func front(of run: String) throws(APIClientError) -> [CandidateItem] {
        try orNothing { client throws(APIClientError) in try client.front(of: run).candidates }
    }

    // Daemons of earlier versions keep none.
    private func training(of run: String) throws(APIClientError) -> [TrainingDocument.Record] {
        try orNothing { client throws(APIClientError) in
            try client.training(of: run, points: Self.courseDetail * WatchPicture.longestCourse).records
        }
    }

    /// The items that the daemon has; none where it knows of none.
    private func orNothing<Item>(
        _ items: (APIClient) throws(APIClientError) -> [Item]
    ) throws(APIClientError) -> [Item] {
        do throws(APIClientError) {
            return try items(session.client)
        } catch {
            guard case .problem(let problem) = error, problem.status == 404 else { throw error }
            return []
        }
    }
}

extension RunDocument {
    /// A run of which only the item is known.
    fileprivate init(run: RunItem) {
        self.init(
            run: run, objectives: [], constraints: [], sampler: "", rounds: [], specification: "", space: run.space,
            numerics: "")
    }
}
