import API
import ArgumentParser
import Foundation
import Testing

@testable import nas_ctl

@Suite struct ArgumentTests {
    private let columns = RunItem.listing.columns

    private func keeps(_ text: String, _ item: RunItem = Samples.item(), now: Date = Samples.begun) throws -> Bool {
        try RowFilter(text, columns: columns).keeps(item, now: now)
    }

    private func keeps(_ text: String, _ item: CandidateItem) throws -> Bool {
        try RowFilter(text, columns: CandidateItem.listing.columns).keeps(item)
    }

    @Test func filtersAreReadAndKept() throws {
        let filter = try RowFilter("step>=1200, state = training,loss<0.5,name!=x", columns: columns)
        #expect(filter.wireText { _ in true } == "step>=1200,state=training,loss<0.5,name!=x")
        #expect(filter.keeps(Samples.item()))
        #expect(!filter.keeps(Samples.item(step: 1199)))
        #expect(!filter.keeps(Samples.item(name: "x")))
        // What is missing keeps no bound.
        #expect(try !keeps("queuePosition<=1000") && keeps("queuePosition!=3"))
        #expect(try keeps("onFront=true,accuracy>0.97", Samples.candidate(2, accuracy: 0.98)))
        #expect(try !keeps("onFront=true,accuracy>0.97", Samples.candidate(3, accuracy: 0.98)))
    }

    /// Values as tables show them, and heads in place of names.
    @Test func filtersTakeWhatTablesShow() throws {
        let candidate = Samples.candidate(2, accuracy: 0.98)
        for text in [
            "FRONT=yes", "front==yes", "front != NO", "front!=NO", "onfront=Yes", "MULTIPLYADDS>=20M",
            "multiplyadds<20.1M", "params=400.002k",
            "accuracy>=97%", "ACCURACY=98 %", "accuracy=0.9800", "accuracy=0.98", "LATENCY=-", "test=-,loss!=-",
            "genome=embed=96;depth=5;heads=3,2,4,3,2;mlpRatio=2,4,3,3,2", "state=COMPLETED", "measured>=2023-11-14",
            "MEASURED=2023", "samples=1k", "violation=0.0000", "params>=4e5",
        ] { #expect(try keeps(text, candidate), "\(text)") }
        for text in [
            "FRONT=no", "MULTIPLYADDS>20.1M", "accuracy=0.9801", "accuracy=97%", "LATENCY!=-", "genome=embed=96,5",
            "measured<2023", "state=failed",
        ] { #expect(try !keeps(text, candidate), "\(text)") }
        #expect(try keeps("state=failed", Samples.candidate(1, state: "failed: nonfinite, twice")))
        #expect(try keeps("state=failed: nonfinite, twice", Samples.candidate(1, state: "failed: nonfinite, twice")))
        // 0.43127 is shown as 0.4313, 4711 s as 79 min, and the run is an hour old.
        let now = Samples.begun.addingTimeInterval(3600)
        var queued = Samples.item(state: "queued")
        queued.queuePosition = 1
        for text in [
            "LOSS=0.4313", "loss>0.431", "LEFT=79 min", "left<2h", "left>=4711", "AGE=60 min", "age>59 min", "age<2 h",
            "created>=2023", "created=2023-11-14", "created<2023-11-14T22:13:21Z", "created=2023-11-14 22:13", "AGE<1d",
            "created>=2023-11-15T00:13:20+02:00", "STEP=1200/3000", "evaluations=40/100", "step!=1/2", "state!=paused",
        ] { #expect(try keeps(text, Samples.item(), now: now), "\(text)") }
        for text in ["LOSS=0.4312", "left>2h", "AGE<1h", "created>2023-11-15", "STEP=1200/1200"] {
            #expect(try !keeps(text, Samples.item(), now: now), "\(text)")
        }
        #expect(try keeps("state=queued, 1st", queued) && !keeps("state=queued, 2nd", queued))
    }

    /// What a table rounds is equal to what it shows, and above or below by all its digits.
    @Test func roundingIsForEqualityAlone() throws {
        func keeps(_ text: String, _ record: TrainingDocument.Record) throws -> Bool {
            try RowFilter(text, columns: TrainingDocument.Record.listing.columns).keeps(record)
        }
        let record = TrainingDocument.Record(
            step: 1, loss: 0.43127, learningRate: 0.00123456, stepsPerSecond: 1030.8812, elapsedSeconds: 5)
        for text in [
            "STEPS/S=1030.88", "steps/s!=1030.89", "STEPS/S>1030.88", "loss=0.4313", "learningRate=0.00123456",
        ] {
            #expect(try keeps(text, record), "\(text)")
        }
        for text in [
            "STEPS/S!=1030.88", "STEPS/S=1030.8800", "STEPS/S<=1030.88", "loss!=0.4313", "loss>0.4313",
            "learningRate=0.0012", "learningRate!=0.00123456",
        ] { #expect(try !keeps(text, record), "\(text)") }
        let candidate = Samples.candidate(2, accuracy: 0.08379)
        #expect(try self.keeps("accuracy=0.0838", candidate) && !self.keeps("accuracy!=0.0838", candidate))
        #expect(try self.keeps("accuracy!=0.0837", candidate) && self.keeps("LATENCY!=0.0838", candidate))
        // The daemon would compare all digits.
        let filter = try RowFilter("accuracy!=0.0838", columns: CandidateItem.listing.columns)
        #expect(filter.wireText { _ in true } == nil && filter.withoutWire { _ in true } != nil)
        // 2.4 days are shown as 2 d.
        let now = Samples.begun.addingTimeInterval(2.4 * 86_400)
        for text in ["AGE=2d", "AGE>2d", "AGE>=2d", "AGE!=3d", "AGE<3d", "LEFT>78 min", "LEFT<79 min", "LEFT=79 min"] {
            #expect(try self.keeps(text, Samples.item(), now: now), "\(text)")
        }
        for text in ["AGE<=2d", "AGE<2d", "AGE!=2d", "AGE=3d", "LEFT!=79 min", "LEFT>=79 min"] {
            #expect(try !self.keeps(text, Samples.item(), now: now), "\(text)")
        }
    }

    @Test(arguments: [
        "2026-13", "2026-00", "2026-01-32", "2026-02-30", "2025-02-29", "2026-04-31", "2026-01-00", "2026-01-01T24",
        "2026-01-01 12:60", "2026-01-01T12:00:60Z", "2026-02-30T12:00:00+01:00", "2026-13-01T12:00:00.5Z",
        "2026-01-01T25:00:00-02:00",
    ]) func momentsThatDoNotExistAreUsage(text: String) {
        for column in ["created", "AGE", "updated"] {
            let failure = #expect(throws: Failure.self) { try RowFilter("\(column)=\(text)", columns: columns) }
            #expect(failure?.code == .usage && failure?.message.contains("found '\(text)'") == true)
        }
    }

    @Test(arguments: ["2024-02-29", "2000-02", "2026-12-31T23:59:59Z", "2026-04-30 00", "2026-01-31T23:59:59.5+05:30"])
    func momentsThatExistAreTaken(text: String) {
        #expect(throws: Never.self) { try RowFilter("created<=\(text)", columns: columns) }
    }

    /// What no row can have is a fault that tells what there is.
    @Test(arguments: [
        ("", "condition"), ("step", "condition"), ("step>", "whole number"), (">3", "no column"),
        ("steps!3", "condition"), ("nothing=1", "there are id, name"), ("step>=1,,loss<1", "condition"),
        ("step>=1;loss<1x=2,y", "found '1;loss<1x=2'"), ("stat=completed", "did you mean 'state'"),
        ("state=complete", "did you mean 'completed'"), ("state=nonsense", "one of queued, preparing"),
        ("step=many", "such as 1200"), ("step=1.5", "whole number"), ("step>=-1", "at least 0"), ("loss=x", "a number"),
        ("loss>=nan", "a number"), ("state>completed", "use = or !="), ("left=soon", "a span of time"),
        ("created=yesterday", "2026-01-31"), ("loss>-", "use = or !="), ("desired=off", "one of running"),
        ("loss>0,97", "found '0,97'"), ("name=-", "expected text, found '-', though there is one in every row"),
        ("evaluations=-", "found '-'"),
    ]) func faultyFiltersAreUsage(text: String, told: String) {
        let failure = #expect(throws: Failure.self) { try RowFilter(text, columns: columns) }
        #expect(failure?.code == .usage && failure?.message.contains(told) == true, "\(failure?.message ?? "")")
    }

    @Test(arguments: ["accuracy>=97", "accuracy=-1%", "feasible=maybe", "onFront=1", "latencyKind=slow", "origin=x"])
    func valuesOutOfRangeAreUsage(text: String) {
        let failure = #expect(throws: Failure.self) { try RowFilter(text, columns: CandidateItem.listing.columns) }
        #expect(failure?.code == .usage)
    }

    /// What every row has is not asked for as nothing; of a run that goes on, some candidates wait for samples.
    @Test func nothingWhereAllHaveSomething() throws {
        var item = Samples.item()
        for state in ["searching", "completed"] {
            item.state = state
            var run = Samples.run(item)
            run.metrics = []
            let columns = CandidateItem.listing(of: run).columns
            #expect(throws: Never.self) { try RowFilter("accuracy=-,samples!=-,genome!=-", columns: columns) }
            #expect(((try? RowFilter("samples=-", columns: columns)) == nil) == (state == "completed"))
            #expect(throws: Failure.self) { try RowFilter("onFront=-", columns: columns) }
        }
        // A run that trains nothing has a step that no table shows.
        item.steps = 0
        #expect(try RowFilter("step=-", columns: self.columns).keeps(item))
    }

    /// What the daemon cannot look at is looked at here, and nothing twice.
    @Test func filtersAreSharedWithTheDaemon() throws {
        let filter = try RowFilter(
            "FRONT=yes,measured>2026,genome=a=1,2,loss=-,MULTIPLYADDS>=1.1M,state=failed",
            columns: CandidateItem.listing.columns)
        #expect(filter.wireText(where: \.isInCSV) == "onFront=true,multiplyAdds>=1100000,state=failed")
        let rest = try #require(filter.withoutWire(where: \.isInCSV))
        #expect(rest.conditions.map(\.column.name) == ["measured", "genome", "loss"])
        #expect(try RowFilter("state=failed", columns: columns).withoutWire { _ in true } == nil)
        #expect(try RowFilter("state=PAUSED,name=x", columns: columns).word(of: "state") == "paused")
    }

    @Test func everyHeadNamesOneColumn() {
        func check<Item>(_ columns: [Column<Item>]) {
            for column in columns {
                let same = columns.filter {
                    [$0.name.lowercased(), $0.title.lowercased()].contains(column.title.lowercased())
                }
                #expect(same.count == 1, "\(column.title)")
            }
        }
        check(columns)
        check(CandidateItem.listing.columns)
        check(WebhookList.Endpoint.listing.columns)
        check(DoctorDocument.Check.listing.columns)
        check(SamplerDocument.Statistic.listing.columns)
    }

    @Test func ordersPutTheMissingLast() throws {
        let candidates = CandidateItem.listing.columns
        var items = [3, 1, 2].map { Samples.candidate($0) }
        items[1].accuracy = nil
        for (text, expected) in [
            ("accuracy", [2, 3, 1]), ("-accuracy", [3, 2, 1]), ("candidate", [1, 2, 3]), ("loss", [3, 1, 2]),
            ("-loss", [3, 1, 2]), ("-onFront", [2, 3, 1]), ("-ACCURACY", [3, 2, 1]), ("-Front", [2, 3, 1]),
        ] {
            #expect(try RowOrder(text, columns: candidates).sorted(items).map(\.candidate) == expected, "\(text)")
        }
        #expect(try RowOrder("-VALIDATION", columns: candidates).wireText == "-validationAccuracy")
        let failure = #expect(throws: Failure.self) { try RowOrder("-acuracy", columns: candidates) }
        #expect(failure?.message.contains("did you mean 'accuracy'") == true)
        // The head AGE is how long ago it was.
        let runs = [0, 100].map { seconds in
            var item = Samples.item(step: seconds)
            item.created += Double(seconds)
            return item
        }
        #expect(try RowOrder("created", columns: columns).sorted(runs).map(\.step) == [0, 100])
        #expect(try RowOrder("AGE", columns: columns).sorted(runs).map(\.step) == [100, 0])
        #expect(try RowOrder("-age", columns: columns).sorted(runs).map(\.step) == [0, 100])
    }

    @Test func timesAreRead() {
        let table: [(String, Double?)] = [
            ("90", 90), ("90s", 90), ("5m", 300), ("2h", 7200), ("1.5d", 129_600), ("0", 0), ("", nil), ("m", nil),
            ("-5", nil), ("5x", nil), ("5 m", 300), ("12 min", 720), ("1e3", nil), ("99999999999d", nil),
        ]
        for (text, seconds) in table { #expect((try? WaitingTime(argument: text))?.seconds == seconds, "\(text)") }
    }

    @Test func limitsAreRead() throws {
        func limits(_ changes: String...) throws -> RunLimits {
            try (NasCtl.read(["set", "abcd"] + changes) as? Change)?.limits() ?? RunLimits()
        }
        #expect(
            try limits("evaluations=2000", "workers=4", "priority=-3")
                == RunLimits(evaluations: 2000, workers: 4, priority: -3))
        #expect(try limits("evaluations=2k") == RunLimits(evaluations: 2000))
        for faulty in ["evaluations", "evaluations=x", "steps=3", "=3", "workers=1.5", "workers=1e30"] {
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
        #expect(submit.file == "-" && submit.submission.set == ["a=1", "b=2"] && submit.global.quiet)
        #expect(submit.submission.priority == -3)
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
