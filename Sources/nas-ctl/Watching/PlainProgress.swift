internal import API

/// Decides when a line is due where nothing can be drawn anew: at once when the state changes, else now and then.
struct PlainProgress {
    /// The least time between two lines about the same state.
    let pauseSeconds: Double
    private var lastState: String?
    private var lastLine: String?
    private var lastTime: ContinuousClock.Instant?

    init(pauseSeconds: Double) { self.pauseSeconds = pauseSeconds }

    /// The line that is due; nil when there is nothing new, or it is too early.
    mutating func next(
        _ picture: WatchPicture, isLast: Bool, now: ContinuousClock.Instant = .now
    ) -> String? {
        let state = picture.document.run.stateText
        let line = picture.line
        guard line != lastLine else { return nil }
        let isChange = state != lastState || isLast
        if !isChange, let lastTime, lastTime.duration(to: now) < .seconds(pauseSeconds) { return nil }
        lastState = state
        lastLine = line
        lastTime = now
        return line
    }
}
