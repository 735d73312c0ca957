import API
import ArgumentParser
import Foundation
import Testing

@testable import nas_ctl

@Suite struct ArgumentTests {
    private let columns = RunItem.listing.columns

    @Test func filtersAreReadAndKept() throws {
        let names = columns.map(\.name)
        let filter = try RowFilter("step>=1200, state = training,loss<0.5,name!=x", columns: names)
        #expect(filter.text == "step>=1200,state=training,loss<0.5,name!=x")
        #expect(filter.keeps(Samples.item(), columns: columns))
        #expect(!filter.keeps(Samples.item(step: 1199), columns: columns))
        #expect(!filter.keeps(Samples.item(name: "x"), columns: columns))
        // What is missing keeps no bound.
        let queue = try RowFilter("queuePosition<=1000", columns: names)
        #expect(!queue.keeps(Samples.item(), columns: columns))
        #expect(try RowFilter("created>2023", columns: names).keeps(Samples.item(), columns: columns))
        #expect(try !RowFilter("step=x", columns: names).keeps(Samples.item(), columns: columns))
        let candidates = CandidateItem.listing.columns
        let front = try RowFilter("onFront=true,accuracy>0.97", columns: candidates.map(\.name))
        #expect(front.keeps(Samples.candidate(2, accuracy: 0.98), columns: candidates))
        #expect(!front.keeps(Samples.candidate(3, accuracy: 0.98), columns: candidates))
    }

    @Test(arguments: ["", "step", "step>", ">3", "steps!3", "nothing=1", "step>=1,,loss<1", "step>=1;loss<1x=2,y"])
    func faultyFiltersAreUsage(text: String) {
        let failure = #expect(throws: Failure.self) { try RowFilter(text, columns: columns.map(\.name)) }
        #expect(failure?.code == .usage)
    }

    @Test func ordersPutTheMissingLast() throws {
        let candidates = CandidateItem.listing.columns
        var items = [3, 1, 2].map { Samples.candidate($0) }
        items[1].accuracy = nil
        for (text, expected) in [
            ("accuracy", [2, 3, 1]), ("-accuracy", [3, 2, 1]), ("candidate", [1, 2, 3]), ("loss", [3, 1, 2]),
            ("-loss", [3, 1, 2]), ("-onFront", [2, 3, 1]),
        ] {
            let order = try RowOrder(text, columns: candidates.map(\.name))
            #expect(order.sorted(items, columns: candidates).map(\.candidate) == expected, "\(text)")
            #expect(order.text == text)
        }
        #expect(throws: Failure.self) { try RowOrder("nothing", columns: candidates.map(\.name)) }
    }

    @Test func timesAreRead() {
        let table: [(String, Double?)] = [
            ("90", 90), ("90s", 90), ("5m", 300), ("2h", 7200), ("1.5d", 129_600), ("0", 0), ("", nil), ("m", nil),
            ("-5", nil), ("5x", nil), ("5 m", nil), ("1e3", nil), ("99999999999d", nil),
        ]
        for (text, seconds) in table { #expect(WaitingTime(argument: text)?.seconds == seconds, "\(text)") }
    }

    @Test func limitsAreRead() throws {
        func limits(_ changes: String...) throws -> RunLimits {
            try (NasCtl.read(["set", "abcd"] + changes) as? Change)?.limits() ?? RunLimits()
        }
        #expect(
            try limits("evaluations=2000", "workers=4", "priority=-3")
                == RunLimits(evaluations: 2000, workers: 4, priority: -3))
        for faulty in ["evaluations", "evaluations=x", "steps=3", "=3", "workers=1.5"] {
            let failure = #expect(throws: Failure.self) { try limits(faulty) }
            #expect(failure?.code == .usage)
        }
        #expect(throws: Failure.self) { try limits("workers=1", "workers=2") }
    }

    @Test func globalOptionsStandAnywhere() throws {
        for arguments in [
            ["-o", "json", "--endpoint", "unix:/a", "list", "--sort", "-loss"],
            ["list", "--sort", "-loss", "-o", "json", "--endpoint", "unix:/a"],
        ] {
            let list = try #require(try NasCtl.read(arguments) as? List)
            #expect(list.global.format == .json && list.global.endpoint == "unix:/a" && list.list.sort == "-loss")
        }
        let submit = try #require(
            try NasCtl.read(["submit", "-", "--set", "a=1", "--set", "b=2", "-q", "--priority", "-3"]) as? Submit)
        #expect(submit.file == "-" && submit.set == ["a=1", "b=2"] && submit.global.quiet)
        #expect(submit.priority == -3)
        #expect(throws: (any Error).self) { try NasCtl.read(["list", "--limit", "0"]) }
        #expect(throws: (any Error).self) { try NasCtl.read(["events", "abcd", "-f", "-o", "json"]) }
        #expect(throws: (any Error).self) { try NasCtl.read(["wait", "abcd", "--for", "sleeping"]) }
    }

    @Test func fileNamesStayInTheFolder() {
        let names = ["mnist-vit", "../../etc/passwd", ".bashrc", "-rf", "a\u{1B}b", ""]
        #expect(
            names.map(Model.fileName) == ["mnist-vit", "_.._.._etc_passwd", "_.bashrc", "_-rf", "a_b", "run"])
    }
}
