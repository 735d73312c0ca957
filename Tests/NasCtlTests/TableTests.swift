import API
import Foundation
import TestSupport
import Testing
import UserFiles

@testable import nas_ctl

@Suite struct TableTests {
    private let runs = [
        Samples.item(), Samples.item(id: "aaaaaaaaaaaa", name: String(repeating: "long-", count: 30), state: "paused"),
        Samples.item(id: "bbbbbbbbbbbb", name: "größe-模型", state: "failed", failure: "a\u{1B}[2Jb"),
    ]

    private func lines(width: Int?, isWide: Bool = false) -> [String] {
        var table = TableRenderer(RunItem.listing.columns, isWide: isWide, width: width, now: Samples.begun)
        return table.lines(runs)
    }

    @Test(arguments: [10, 20, 40, 60, 80, 120, 200]) func linesFitTheTerminal(width: Int) {
        let lines = lines(width: width)
        #expect(lines.count == 4)
        #expect(lines.allSatisfy { DisplayWidth.of($0) <= width }, "\(lines)")
    }

    @Test func whatMattersLeastGoesFirst() {
        let heads = [40, 80, 200].map { width in
            (lines(width: width).first ?? "").split(separator: " ").map(String.init)
        }
        #expect(heads[0] == ["ID", "NAME", "STATE"])
        #expect(heads[1].starts(with: ["ID", "NAME", "STATE", "STEP"]) && !heads[1].contains("CANDIDATES"))
        #expect(heads[2].contains("CANDIDATES") && heads[2].contains("LOSS"))
        // The id is what the next command needs.
        #expect([40, 80, 200].allSatisfy { lines(width: $0)[1].hasPrefix(Samples.id) })
    }

    @Test func withoutATerminalNothingIsCut() {
        let text = lines(width: nil).joined(separator: "\n")
        #expect(text.contains(String(repeating: "long-", count: 30)) && !text.contains("…"))
        let wide = lines(width: nil, isWide: true).joined(separator: "\n")
        #expect(wide.contains("HYPERVOLUME") && wide.contains(#"a\u{1b}[2Jb"#) && wide.contains("2023-11-14T22:13:20Z"))
    }

    /// Of a front, what is the same in every row says nothing; what names a row and tells its worth stays.
    @Test func constantColumnsAreLeftOut() {
        var listing = CandidateItem.listing
        listing.leavesOutConstants = true
        func heads(_ items: [CandidateItem], isWide: Bool = false) -> [String] {
            var table = TableRenderer(listing.columns(for: items), isWide: isWide, width: nil, now: Samples.begun)
            return table.lines(items)[0].split(separator: " ").map(String.init)
        }
        let two = [Samples.candidate(2, accuracy: 0.9), Samples.candidate(4, accuracy: 0.9)]
        #expect(heads(two) == ["CANDIDATE", "ACCURACY", "PARAMS", "MULTIPLYADDS"])
        #expect(heads(two, isWide: true).contains("STATE"))
        #expect(heads([two[0]]).contains("STATE"))
        listing.leavesOutConstants = false
        #expect(heads(two).contains("STATE"))
        // An objective stays, whether the daemon tells its metrics or not.
        var run = Samples.run()
        run.objectives = [
            .init(metric: "loss", goal: "minimize"), .init(metric: "latencyMilliseconds", goal: "minimize"),
        ]
        for metrics in [nil, ["accuracy", "loss", "latencyMilliseconds"]] {
            run.metrics = metrics?.map {
                .init(name: $0, unit: "", kind: "quality", goal: "minimize", least: 0, most: nil, values: [$0])
            }
            listing = CandidateItem.listing(of: run)
            #expect(heads(two).contains("LATENCY"))
            listing.leavesOutConstants = true
            #expect(heads(two).contains("LATENCY") && heads(two).contains("LOSS") && !heads(two).contains("STATE"))
        }
    }

    @Test func columnsLineUp() {
        var table = TableRenderer(CandidateItem.listing.columns, width: nil, now: Samples.begun)
        let lines = table.lines([Samples.candidate(1), Samples.candidate(1000)])
        let end = lines[0].range(of: "PARAMS").map { lines[0].distance(from: lines[0].startIndex, to: $0.upperBound) }
        for line in lines.dropFirst() {
            let prefix = line.prefix(end ?? 0)
            #expect(prefix.hasSuffix("400001") || prefix.hasSuffix("401000"))
        }
        // Later pages go on below the same head, and may need more room.
        let more = table.lines([Samples.candidate(1_000_000)])
        #expect(more.count == 1 && more[0].contains("1000000"))
    }

    @Test func layoutsKeepTheirPromises() {
        var generator = SeededGenerator(5)
        for _ in 0..<3000 {
            let measures = (0..<Int.random(in: 1...12, using: &generator)).map { _ in
                TableLayout.Measure(
                    natural: Int.random(in: 0...60, using: &generator),
                    shortest: Bool.random(using: &generator) ? Int.random(in: 1...20, using: &generator) : nil,
                    rank: Int.random(in: 0...4, using: &generator))
            }
            let width = Int.random(in: 30...200, using: &generator)
            let layout = TableLayout(measures, width: width)
            let total = layout.columns.reduce(0) { $0 + $1.width } + TableLayout.gap * (layout.columns.count - 1)
            // Twelve columns of one character and their gaps may need 34.
            #expect(total <= max(width, 3 * measures.count))
            #expect(!layout.columns.isEmpty)
            #expect(layout.columns.map(\.index) == layout.columns.map(\.index).sorted())
            let shown = layout.columns.map(\.index)
            // Nothing goes that ranks below something that stays.
            let lost = measures.indices.filter { !shown.contains($0) }.map { measures[$0].rank }.min() ?? Int.max
            #expect(shown.allSatisfy { measures[$0].rank <= lost })
        }
    }

    @Test func charactersHaveTheirWidth() {
        #expect(DisplayWidth.of("abc") == 3 && DisplayWidth.of("模型") == 4 && DisplayWidth.of("e\u{301}") == 1)
        #expect(DisplayWidth.of("👩‍👩‍👧") == 2)
        #expect(DisplayWidth.cut("模型模型", to: 6) == "模型…" && DisplayWidth.cut("abc", to: 3) == "abc")
        #expect(DisplayWidth.cut("abcd", to: 1) == "…" && DisplayWidth.cut("abcd", to: 0).isEmpty)
        #expect(DisplayWidth.pad("模", to: 4) == "模  " && DisplayWidth.pad("a", to: 3, alignsRight: true) == "  a")
    }
}
