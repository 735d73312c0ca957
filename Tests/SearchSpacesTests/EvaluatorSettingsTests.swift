import Documents
import Foundation
import SearchSpaces
import TestSupport
import Testing

@testable import Runs

/// Who measures, which phases a run has by that, and how a table is read.
@Suite struct EvaluatorSettingsTests {
    // MARK: Expressions

    private static let values: [(text: String, column: String, value: Double, expected: Double)] = [
        ("acc", "acc", 93.0, 93.0), ("acc / 100", "acc", 93, 0.93), ("acc/100", "acc", 93, 0.93),
        ("1 - acc / 100", "acc", 93, 1 - 93.0 / 100), ("(1 + x) * (2 - x)", "x", 3, -4), ("- x * 2", "x", 3, -6),
        ("8 / x / 2", "x", 2, 2), ("8 - x - 2", "x", 1, 5), ("2e3 * x", "x", 0.5, 1000),
        ("cifar10-val / 100", "cifar10-val", 84, 0.84), ("\"top 1 (%)\" / 100", "top 1 (%)", 50, 0.5),
        ("x + -1", "x", 4, 3), ("a+b", "a+b", 7, 7),
        ("-1 * x", "x", 3, -3), ("-1*x", "x", 3, -3), ("-(x)", "x", 3, -3), ("- x", "x", 3, -3),
        ("2 * - x", "x", 3, -6),
        // What has no blank before is a name: columns are called as they like.
        ("-x", "-x", 3, 3), ("- \"-x\"", "-x", 3, -3),
    ]

    @Test(arguments: values)
    func valuesByHand(text: String, column: String, value: Double, expected: Double) throws {
        let expression = try ColumnExpression(text)
        #expect(expression.column == column)
        #expect(expression.value(of: value) == expected)
    }

    @Test(arguments: [
        ("", "found the end"), ("1 + 2", "numbers alone"), ("a * b", "expected one column, found 'a' and 'b'"),
        ("a +", "found the end"), ("(a", "closing parenthesis"), ("a b", "expected +, -, * or / before 'b'"),
        ("a ) ", "before ')'"), ("\"a", "second double quote"), ("* a", "found '*'"),
        (String(repeating: "(", count: 100) + "a", "64 levels"), (String(repeating: "a", count: 2000), "1024 bytes"),
    ])
    func faultsOfExpressions(text: String, message: String) {
        let fault = #expect(throws: ColumnExpression.Fault.self) { try ColumnExpression(text) }
        #expect(fault?.message.contains(message) == true, "\(fault?.message ?? "")")
    }

    @Test func divisionByNothingIsNotFinite() throws {
        #expect(try !ColumnExpression("1 / x").value(of: 0).isFinite)
    }

    // MARK: Templates

    private static let space = """
        apiVersion: nasd/v1
        kind: SearchSpace
        name: two
        family: external
        decisions:
          - {name: depth, options: [1, 2]}
          - {name: op, count: 2, options: [conv, pool], within: {decision: depth, groups: 1}}
        metrics: {fps: {goal: maximize, unit: images/s}}

        """

    @Test func namesOfArchitectures() throws {
        let space = try SearchSpace.parse(yaml: Self.space, file: "s")
        let genome = space.canonical(Genome([1, 1, 0]))
        for (text, name) in [
            ("{depth}|{op.0}~{op.1}|", "2|pool~conv|"), ("{op}", "poolconv"), ("{{{depth}}}", "{2}"),
            ("x{depth}", "x2"),
        ] {
            #expect(try #require(KeyTemplate(text)).names(in: space)(genome) == name)
        }
        // What does not count stands at its first option.
        #expect(try #require(KeyTemplate("{op}")).names(in: space)(space.canonical(Genome([0, 1, 1]))) == "poolconv")
        for text in ["", "x", "{depth", "depth}", "{}", "{a{b}}"] { #expect(KeyTemplate(text) == nil, "\(text)") }
        #expect(space.places(of: "op") == [1, 2] && space.places(of: "op.1") == [2] && space.places(of: "o").isEmpty)
    }

    /// Whether a table has names of the space at all, however large that is and in however many ways a name can be cut.
    @Test func namesAreReadBack() throws {
        let space = try SearchSpace.parse(yaml: Self.space, file: "s")
        let ones = try SearchSpace.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: SearchSpace
                name: ones
                family: external
                decisions:
                  - {name: a, count: 3, options: [1, 11]}

                """, file: "s")
        let many = try SearchSpace.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: SearchSpace
                name: many
                family: external
                decisions:
                  - {name: a, count: 400, options: [1, 11, 111, 1111]}

                """, file: "s")
        func isName(_ template: String, _ texts: [String], _ space: SearchSpace) throws -> Bool {
            try #require(KeyTemplate(template)).read(texts, in: space).isName.contains(true)
        }
        let cell = "{depth}|{op.0}~{op.1}|"
        #expect(try isName(cell, ["", "3|conv~conv|", "2|pool~conv|"], space))
        // The second operation counts for nothing at depth 1, and so stands at its first option.
        #expect(try isName(cell, ["1|pool~conv|"], space) && !isName(cell, ["1|conv~pool|"], space))
        #expect(try !isName(cell, ["2|pool~conv", "2|pool~conv||", "2|poolconv|", "é"], space))
        #expect(try isName("e\u{301}{a}", ["\u{e9}1111"], ones))
        for (template, text, isKnown) in [
            ("{a}", "111", true), ("{a}", "1111", true), ("{a}", "111111", true), ("{a}", "11", false),
            ("{a}", "1111111", false), ("{a.0}-{a}", "1-1111", true), ("{a.0}-{a}", "11-111", false),
            ("{a.0}-{a}", "11-1111", true), ("{a.2}{a.1}-{a.0}x", "1111-1x", true),
        ] {
            #expect(try isName(template, [text], ones) == isKnown, "\(template) \(text)")
        }
        let text = String(repeating: "1", count: 1000)
        #expect(try isName("{a}", [text], many) && !isName("x{a}", [text], many))
        // Too many ways to be wrong in: nothing is said.
        #expect(try isName("{a}x", [text], many))
        func clash(_ template: String, _ texts: [String], _ space: SearchSpace) throws -> (Int, [String])? {
            try #require(KeyTemplate(template)).read(texts, in: space).shared.map {
                ($0.place, $0.architectures.map(space.text))
            }
        }
        // Three ones are cut in one way, four in three; a sign between leaves one.
        let first = try clash("{a}", ["111", "", "1111"], ones)
        #expect(first?.0 == 2 && first?.1 == ["a=1,1,11", "a=1,11,1"])
        #expect(try clash("{a.0}-{a.1}-{a.2}", ["1-11-1"], ones) == nil && clash("{a.0}-{a}", ["1-111"], ones) == nil)
        #expect(try clash("{a.0}-{a.1}{a.2}", ["1-111"], ones)?.1 == ["a=1,1,11", "a=1,11,1"])
        #expect(try clash("{a}", [String(text.prefix(401))], many) != nil && clash("{a}", [text], many) == nil)
        #expect(try clash("{op}{depth}", ["convconv1", "poolconv2"], space) == nil)
    }

    // MARK: The section

    private static func run(
        _ evaluator: String, search: String = "{objectives: [{metric: accuracy}]}", further: String = ""
    )
        -> String
    {
        """
        apiVersion: nasd/v1
        kind: Run
        name: t
        space: two
        evaluator: \(evaluator)
        search: \(search)
        \(further)
        """
    }

    private static let table =
        "{kind: table, file: t.csv, key: {column: n, template: '{depth}{op}'}, metrics: {accuracy: acc / 100}}"

    @Test(arguments: [
        table,
        "{kind: table, file: [a.csv, b.csv], join: row, key: {columns: {depth: d, op: [o1, 2]}}, "
            + "metrics: {accuracy: {column: 1 - err / 100, goal: maximize, unit: share}}, validation: {accuracy: v}, "
            + "test: {accuracy: t}}",
        "{kind: table, file: t.json.gz, key: {template: '{depth}{op.0}{op.1}'}, metrics: {accuracy: value}}",
    ])
    func resolvedTextReadsBack(evaluator: String) throws {
        let run = try RunSpecification.parse(yaml: Self.run(evaluator), file: "r")
        let again = try RunSpecification.parse(yaml: run.resolvedYAML, file: "r", origin: .store)
        #expect(again == run && again.resolvedYAML == run.resolvedYAML && again.fingerprint == run.fingerprint)
        #expect(run.train == nil && run.data == nil && run.steps == 0 && run.needsFiles && run.finalists == 10)
        #expect(run.search?.samples == 0)
        let summary = RunSummary(run)
        #expect(RunSummary(text: summary.text) == summary && summary.steps == 0)
    }

    @Test func theFolderIsAllThatIsSaidOfData() throws {
        let run = try RunSpecification.parse(yaml: Self.run(Self.table, further: "data: {directory: d}"), file: "r")
        #expect(run.dataDirectory == "d" && run.data == nil && run.resolvedYAML.contains("directory: \"d\""))
        #expect(
            Self.faults(Self.run(Self.table, further: "data: {format: glyphs}")).first?.contains("'format'") == true)
    }

    @Test func metricsAreTheTables() throws {
        let evaluator =
            "{kind: table, file: t.csv, key: {columns: {depth: d, op: [a, b]}}, metrics: {accuracy: acc, fps: f, "
            + "latencyMilliseconds: l}, test: {accuracy: t}}"
        let run = try RunSpecification.parse(
            yaml: Self.run(evaluator, search: "{objectives: [{metric: fps, goal: maximize}, {metric: accuracy}]}"),
            file: "r")
        let space = try SearchSpace.parse(yaml: Self.space, file: "s")
        let metrics = RunMetrics(run, space: space)
        #expect(metrics.costs.isEmpty)
        #expect(metrics.values.map(\.name) == ["accuracy", "fps", "latencyMilliseconds", "testAccuracy"])
        #expect(metrics.measured.map(\.goal) == [.maximize, .maximize, .minimize])
        #expect(metrics.measured.map(\.unit) == ["", "images/s", "milliseconds"])
        #expect(metrics.measured.map(\.kind) == [.quality, .quality, .latency])
        #expect(metrics.main == Objective(metric: metrics.measured[1], goal: .maximize))
        #expect(metrics.price(of: run.objectives) == nil)
        let other = try RunSpecification.parse(
            yaml: Self.run(evaluator, search: "{objectives: [{metric: params}]}"), file: "r")
        let error = #expect(throws: RunError.self) { try other.checkBounds(in: space) }
        #expect(
            error?.description
                == "search.objectives[0].metric: the run has no metric 'params'; there are accuracy, fps, latencyMilliseconds"
        )
    }

    /// A latency or a cost before all that is minimised, whatever stands first, and what picks the best last.
    @Test(arguments: [
        (
            "[{metric: accuracy}, {metric: energy, goal: minimize}, {metric: latencyMilliseconds}]",
            "latencyMilliseconds"
        ),
        ("[{metric: accuracy}, {metric: multiplyAdds}, {metric: latencyMilliseconds}]", "multiplyAdds"),
        ("[{metric: slips, goal: minimize}, {metric: energy, goal: minimize}]", "energy"),
        ("[{metric: energy, goal: minimize}, {metric: accuracy}]", "energy"),
        ("[{metric: accuracy}, {metric: loss}]", nil), ("[{metric: accuracy}, {metric: slips, goal: maximize}]", nil),
    ])
    func whatIsPaidInIsAnObjective(objectives: String, price: String?) throws {
        let evaluator =
            "{kind: table, file: t.csv, key: {columns: {depth: d, op: [a, b]}}, metrics: {accuracy: a, loss: b, "
            + "energy: e, slips: s, latencyMilliseconds: l, multiplyAdds: m}}"
        let run = try RunSpecification.parse(
            yaml: Self.run(evaluator, search: "{objectives: \(objectives)}"), file: "r")
        let metrics = RunMetrics(run, space: try SearchSpace.parse(yaml: Self.space, file: "s"))
        #expect(metrics.price(of: run.objectives)?.name == price)
    }

    static func faults(_ yaml: String) -> [String] {
        do {
            _ = try RunSpecification.parse(yaml: yaml, file: "r")
            return []
        } catch {
            guard case .invalidFile(_, let faults) = error else { return ["\(error)"] }
            return faults.map(\.description)
        }
    }

    private static let key = "key: {column: n, template: '{op}'}"

    @Test(arguments: [
        ("{kind: tabel}", "did you mean 'table'?"), ("{kind: command}", "expected the name of a command"),
        ("{kind: table, \(key), metrics: {accuracy: a}}", "evaluator.file: expected the name of a file"),
        ("{kind: table, file: [a, b], \(key), metrics: {accuracy: a}}", "evaluator.join: expected row, or the name"),
        ("{kind: table, file: a, join: row, \(key), metrics: {accuracy: a}}", "expected several files to join"),
        (
            "{kind: table, file: [a.json, b.json], join: k, key: {template: '{op}'}, metrics: {accuracy: a}}",
            "one JSON file"
        ),
        ("{kind: table, file: a, metrics: {accuracy: a}}", "evaluator.key: expected a mapping"),
        ("{kind: table, file: a, key: {template: '{op}'}, metrics: {accuracy: a}}", "evaluator.key.column: expected"),
        ("{kind: table, file: a, key: {column: n, template: op}, metrics: {accuracy: a}}", "with decisions in braces"),
        ("{kind: table, file: a.json, \(key), metrics: {accuracy: a}}", "expected no column"),
        (
            "{kind: table, file: a, key: {column: n, template: '{op}', columns: {op: o}}, metrics: {accuracy: a}}",
            "either columns, or column and template"
        ),
        ("{kind: table, file: a, \(key)}", "evaluator.metrics: expected a mapping"),
        ("{kind: table, file: a, \(key), metrics: {accuracy: a b}}", "expected +, -, * or / before 'b'"),
        ("{kind: table, file: a, \(key), metrics: {accuracy: a, Top: b}}", "beginning with a small letter"),
        ("{kind: table, file: a, \(key), metrics: {accuracy: a, testAccuracy: b}}", "below evaluator.test"),
        ("{kind: table, file: a, \(key), metrics: {accuracy: a}, test: {acuracy: b}}", "did you mean 'accuracy'?"),
        ("{kind: table, file: a, \(key), metrics: {accuracy: {colum: a}}}", "evaluator.metrics.accuracy.column"),
        ("{kind: table, file: a, \(key), metrics: {accuracy: [a]}}", "evaluator.metrics.accuracy: expected a column"),
    ])
    func everyFaultIsTold(evaluator: String, message: String) {
        let found = Self.faults(Self.run(evaluator))
        #expect(found.contains { $0.contains(message) }, "\(found)")
    }

    @Test func objectivesAreAmongTheTables() {
        let found = Self.faults(Self.run(Self.table, search: "{objectives: [{metric: top5}]}"))
        #expect(found.count == 1 && found[0].contains("expected one of accuracy,") && found[0].contains("found 'top5'"))
        let goalless = "{kind: table, file: a, \(Self.key), metrics: {top5: a}}"
        #expect(Self.faults(Self.run(goalless, search: "{objectives: [{metric: top5, goal: maximize}]}")).isEmpty)
        // Each unknown one is told as such, and none of them as standing twice.
        let two = Self.faults(
            Self.run(Self.table, search: "{objectives: [{metric: top5}, {metric: top6}, {metrics: a}]}"))
        #expect(two.count == 4 && !two.contains { $0.contains("once") }, "\(two)")
        let none = Self.faults(Self.run("{kind: table, file: a, \(Self.key), metrics: 5}"))
        #expect(!none.contains { $0.contains("at least one") } && none.contains { $0.contains("a mapping") }, "\(none)")
    }

    /// A goal that neither the objective nor the evaluator says is the space's; stored, it is said.
    @Test func goalsOfTheSpace() throws {
        let key = "key: {column: n, template: '{depth}{op}'}"
        let run = try RunSpecification.parse(
            yaml: Self.run(
                "{kind: table, file: a, \(key), metrics: {fps: a, accuracy: b, watts: c, area: {column: d, goal: maximize}}}",
                search: "{objectives: [{metric: fps}, {metric: accuracy}, {metric: area}]}"), file: "r")
        let space = try SearchSpace.parse(yaml: Self.space, file: "s")
        #expect(
            run.resolvedYAML.contains("objectives: [{metric: fps}, {metric: accuracy, goal: maximize}, {metric: area"))
        #expect(
            try RunSpecification.parse(yaml: run.resolvedYAML, file: "r", origin: .store).resolvedYAML
                == run.resolvedYAML)
        let settled = run.settled(in: space)
        #expect(settled.objectives.map(\.goal) == [.maximize, .maximize, .maximize])
        #expect(settled.resolvedYAML.contains("[{metric: fps, goal: maximize}"))
        #expect(try RunSpecification.parse(yaml: settled.resolvedYAML, file: "r", origin: .store) == settled)
        #expect(throws: Never.self) { try settled.checkBounds(in: space) }
        let slow = try SearchSpace.parse(
            yaml: Self.space.replacing("{goal: maximize, unit: images/s}", with: "{}"), file: "s")
        #expect(run.settled(in: slow).objectives.map(\.goal) == [.minimize, .maximize, .maximize])
        // What is said is not taken back, and what nobody says is asked for.
        #expect(settled.settled(in: slow) == settled)
        let mute = try SearchSpace.parse(yaml: Self.space.replacing("{fps:", with: "{other:"), file: "s")
        let error = #expect(throws: RunError.self) { try run.settled(in: mute).checkBounds(in: mute) }
        #expect(
            error?.description.hasPrefix("search.objectives[0].goal: expected one of maximize, minimize, found nothing")
                == true && error?.description.contains("'fps': write goal: minimize or goal: maximize") == true)
        #expect(try RunSubmission(run, space: space).specification == settled)
    }

    // MARK: Phases

    private static let data = "data: {format: glyphs}\n"

    private static let phases: [(text: String, expected: [String])] = [
        ("\(data)train: {steps: 5}", []),
        (
            "\(data)search: {objectives: [{metric: accuracy}]}",
            ["train: expected a mapping, found nothing; hint: or name a trained supernet, or an"]
        ),
        ("\(data)", ["search: expected a mapping, found nothing", "train: expected a mapping, found nothing"]),
        ("train: {steps: 5}", ["data: expected a mapping, found nothing"]),
        (
            "\(data)train: {steps: 5}\nvalidate: {finalists: 3}",
            ["validate: expected no finalists, since nothing is searched"]
        ),
        ("evaluator: \(table)", ["search: expected a mapping, found nothing"]),
        (
            "evaluator: \(table)\ntrain: {steps: 5}\ntask: {kind: regression}\n"
                + "search: {objectives: [{metric: accuracy}], samples: 5, during: {every: 2}}",
            [
                "task: expected no task", "train: expected no training", "search.samples: expected no samples",
                "search.during: expected no rounds",
            ]
        ),
    ]

    @Test(arguments: phases)
    func sectionsFollowFromPhases(text: String, expected: [String]) {
        let found = Self.faults("apiVersion: nasd/v1\nkind: Run\nname: p\nspace: s\n\(text)\n")
        #expect(found.count == expected.count, "\(found)")
        for message in expected { #expect(found.contains { $0.contains(message) }, "\(message) in \(found)") }
    }

    @Test func aRunMayTrainAlone() throws {
        let run = try RunSpecification.parse(
            yaml: "apiVersion: nasd/v1\nkind: Run\nname: p\nspace: s\n\(Self.data)train: {steps: 5}\n", file: "r")
        #expect(run.search == nil && run.finalists == 0 && run.objectives.isEmpty && run.evaluator.kind == "supernet")
        #expect(!run.resolvedYAML.contains("search") && !run.resolvedYAML.contains("evaluator"))
        #expect(try RunSpecification.parse(yaml: run.resolvedYAML, file: "r", origin: .store) == run)
        #expect(RunSummary(run).evaluations == 0)
    }

    // MARK: Published benchmarks

    @Test(arguments: ["nas-bench-macro", "nas-bench-201"]) func committedRunsFitTheirSpaces(name: String) throws {
        let folder = Repository.root.path + "/SearchSpaces"
        let text = try String(contentsOfFile: "\(folder)/runs/\(name).yaml", encoding: .utf8)
        let run = try RunSpecification.parse(yaml: text, file: name)
        let space = try SpaceCatalog.load("\(folder)/\(name).yaml")
        try run.checkBounds(in: space)
        #expect(
            space.name == run.space && space.canonicalGenomeCountText == (name == "nas-bench-201" ? "15625" : "6561"))
        #expect(try RunSpecification.parse(yaml: run.resolvedYAML, file: "r", origin: .store) == run)
    }
}
