import API
import TestSupport
import Testing
import UserFiles

@testable import nas_ctl

@Suite struct WatchTests {
    private let statistics = (0..<8).flatMap { bin in
        [100, 200].map { step in
            SamplerDocument.Statistic(step: step, name: "binProbability", bin: bin, value: Double(bin * step) / 2800)
        }
    }.sorted { ($0.step, $0.bin) < ($1.step, $1.bin) }

    @Test func picturesKeepToTheirSize() {
        var generator = SeededGenerator(9)
        for _ in 0..<300 {
            let item = Samples.item(
                name: String(repeating: "模", count: Int.random(in: 0...60, using: &generator)),
                failure: Bool.random(using: &generator) ? "a\nb\u{1B}[2J" : nil)
            let picture = WatchPicture(
                document: Samples.run(item), front: (1...30).map { Samples.candidate($0) },
                training: Samples.training(Int.random(in: 1...300, using: &generator)),
                learned: LearnedSampling(statistics), notice: Bool.random(using: &generator) ? "gone" : nil)
            let width = Int.random(in: 30...150, using: &generator), height = Int.random(in: 1...60, using: &generator)
            let lines = picture.lines(width: width, height: height)
            #expect(lines.count <= height)
            #expect(lines.allSatisfy { DisplayWidth.of($0) <= width && !$0.contains("\u{1B}") }, "\(lines)")
        }
    }

    @Test func aPictureShowsWhatCounts() {
        let picture = WatchPicture(
            document: Samples.run(), front: (1...30).map { Samples.candidate($0) }, training: Samples.training(8),
            learned: LearnedSampling(statistics))
        let text = picture.lines(width: 100, height: 50).joined(separator: "\n")
        for part in [
            "mnist-vit  \(Samples.id)", "training", "1200/3000 steps", "loss 0.4313", "40/100 evaluations of round 1",
            "about 79 min left", "binProbability, step 200", "front: 30 candidates, weights of step 1000",
            "multiplyAdds", "loss 2.5000 █▄▂▂▁▁▁▁ 0.3125",
        ] { #expect(text.contains(part), "\(part)") }
        #expect(!picture.line.contains("\n") && picture.line.contains("1200/3000 steps"))
    }

    @Test func sparklinesShowACourse() {
        #expect(Sparkline.text([0, 1, 2, 3, 4, 5, 6, 7], width: 8) == "▁▂▃▄▅▆▇█")
        // Columns are means, and as many as there are numbers at most.
        #expect(Sparkline.text([0, 2, 10, 12, .nan, 20, 22], width: 3) == "▁▅█")
        #expect(Sparkline.text([3, 3], width: 9) == "▁▁" && Sparkline.text([], width: 9).isEmpty)
        #expect(Sparkline.text([1], width: 0).isEmpty)
        let far = Double.greatestFiniteMagnitude
        #expect(Sparkline.text([-far, far, 0], width: 3) == "▁█▅")
        #expect(Sparkline.text((0..<1000).map(Double.init), width: 60).count == 60)
    }

    @Test func onlyProbabilitiesAreLearnedSampling() {
        #expect(LearnedSampling(statistics)?.shares.last == 0.5)
        let draws = (0..<8).map { SamplerDocument.Statistic(step: 1, name: "draws", bin: $0, value: 3) }
        #expect(LearnedSampling(draws) == nil && LearnedSampling([]) == nil)
    }

    @Test func linesComeWhenSomethingChanges() {
        var progress = PlainProgress(pauseSeconds: 15)
        let start = ContinuousClock.now
        func line(_ item: RunItem, _ seconds: Int, isLast: Bool = false) -> String? {
            progress.next(WatchPicture(document: Samples.run(item)), isLast: isLast, now: start + .seconds(seconds))
        }
        #expect(line(Samples.item(), 0) != nil)
        #expect(line(Samples.item(), 20) == nil)
        #expect(line(Samples.item(step: 1201), 21) != nil)
        #expect(line(Samples.item(step: 1202), 22) == nil)
        #expect(line(Samples.item(state: "searching", step: 1202), 23) != nil)
        #expect(line(Samples.item(state: "searching", step: 1203), 24, isLast: true) != nil)
    }

    @Test func statesSayWhatIsAskedFor() {
        #expect(Samples.item(desired: "paused").stateText == "training, pausing")
        #expect(Samples.item(state: "paused", desired: "running").stateText == "paused")
        #expect(Samples.item(state: "paused", desired: "paused").stateText == "paused")
        #expect(Samples.item(state: "paused", desired: "cancelled").stateText == "paused, cancelling")
        #expect(Samples.item(state: "cancelled", desired: "cancelled").stateText == "cancelled")
        var queued = Samples.item(state: "queued")
        queued.queuePosition = 2
        #expect(queued.stateText == "queued, 2nd")
    }

    @Test func goalsAreReachedPassedOrMissed() {
        func outcome(_ goal: RunGoal.State?, _ state: String, step: Int = 10, round: Int? = nil) -> RunGoal.Outcome {
            RunGoal(state: goal).outcome(Samples.item(state: state, step: step, round: round))
        }
        #expect(outcome(nil, "training") == .open && outcome(nil, "paused") == .open)
        #expect(outcome(nil, "completed") == .reached)
        #expect(outcome(nil, "failed") == .missed(isFailure: true))
        #expect(outcome(.failed, "failed") == .reached)
        #expect(outcome(.cancelled, "completed") == .missed(isFailure: false))
        #expect(outcome(.paused, "training") == .open && outcome(.paused, "paused") == .reached)
        // Between two looks a run may have gone on.
        #expect(outcome(.training, "searching") == .reached && outcome(.training, "preparing", step: 0) == .open)
        #expect(outcome(.searching, "training") == .open && outcome(.searching, "training", round: 0) == .reached)
        #expect(outcome(.validating, "completed") == .reached && outcome(.queued, "preparing") == .reached)
        #expect(outcome(.training, "failed") == .missed(isFailure: true))
        // A state that a newer daemon has.
        #expect(outcome(.paused, "dreaming") == .open)
    }
}
