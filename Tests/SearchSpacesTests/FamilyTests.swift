import SearchSpaces
import TestSupport
import Testing

@Suite struct FamilyTests {
    private static func space(_ text: String) throws -> SearchSpace {
        try SearchSpace.parse(yaml: "apiVersion: nasd/v1\nkind: SearchSpace\nname: s\n" + text, file: "s.yaml")
    }

    private static let mlp = """
        family: mlp
        input: {features: 5, classes: 3}
        choices: {width: [4, 6], depth: [1, 3], expansion: [1, 2.5]}
        """
    private static let external = """
        family: external
        decisions:
          - {name: depth, count: 2, options: [1, 2, 3]}
          - {name: kernel, count: 6, options: [3, 5, 7], within: {decision: depth, groups: 2}}
          - {name: op, count: 2, options: [none, skip_connect, nor_conv_3x3]}
          - {name: width, options: [16, 24]}
        metrics: {accuracy: {goal: maximize}, energy: {unit: millijoules}}
        """
    /// Every family has a space here: counts, texts and keys are held against a list of all genomes.
    private static let all = [
        mlp, external,
        """
        family: vit
        input: {height: 8, width: 8, channels: 1, patch: 4, classes: 3}
        headWidth: 4
        choices: {embed: [8, 16], depth: [1, 2], heads: [1, 2], mlpRatio: [1, 2]}
        """,
        """
        family: cnn
        input: {height: 9, width: 9, channels: 1, classes: 3}
        resolution: [8, 11]
        stem: {width: [4, 8]}
        stages:
          - {width: [8, 16], depth: [1, 2], kernel: [3, 5], expand: [2, 3], stride: 2, squeezeExcite: true}
          - {width: 8, depth: 1, kernel: 3, expand: [1.5, 4]}
        head: {width: [8, 16], mix: 12}
        """,
    ]

    private static func everyGenome(_ space: SearchSpace) -> [Genome] {
        space.decisions.reduce([Genome([])]) { genomes, decision in
            genomes.flatMap { genome in decision.options.indices.map { Genome(genome.choices + [UInt8($0)]) } }
        }
    }

    @Test func allFamiliesAreHere() throws {
        #expect(try Set(Self.all.map { try Self.space($0).familyName }) == ["vit", "mlp", "cnn", "external"])
    }

    @Test(arguments: all) func formsTextsAndCountsFollow(text: String) throws {
        let space = try Self.space(text)
        let genomes = Self.everyGenome(space), forms = Set(genomes.map(space.canonical))
        #expect(Double(forms.count) == space.canonicalGenomeCount)
        #expect(Set(forms.map { space.key(of: $0) }).count == forms.count)
        #expect(Set(forms.map { space.text(of: $0) }).count == forms.count)
        for form in forms {
            #expect(try space.genome(text: space.text(of: form)) == form)
            let fields = Dictionary(
                uniqueKeysWithValues: space.decisionNames.map { name, members in
                    (name, members.map { space.decisions[$0].text(of: Int(form.choices[$0])) }.joined(separator: ";"))
                })
            #expect(try space.genome { fields[$0] } == form)
        }
        let again = try SearchSpace.parse(yaml: space.resolvedYAML, file: "again.yaml")
        #expect(again == space && again.decisions == space.decisions && again.resolvedYAML == space.resolvedYAML)
    }

    /// Presence and size of every decision, whatever its family: the encoding of weights has the gradient of differences.
    @Test(arguments: all, ArchitectureEncoding.Kind.allCases)
    func encodingsHaveGradients(text: String, kind: ArchitectureEncoding.Kind) throws {
        let space = try Self.space(text), encoding = ArchitectureEncoding(space, kind: kind)
        var random = SeededGenerator(state: 3), weights = OptionWeights(space.decisions)
        for index in weights.values.indices { weights.values[index] = Float.random(in: 0.2...0.8, using: &random) }
        let direction = (0..<encoding.count).map { _ in Float.random(in: -1...1, using: &random) }
        func value(_ weights: OptionWeights) -> Double {
            zip(encoding.encode(weights), direction).map { Double($0) * Double($1) }.reduce(0, +)
        }
        let gradient = encoding.backward(direction, at: weights)
        for index in weights.values.indices {
            var up = weights, down = weights
            up.values[index] += 0.01
            down.values[index] -= 0.01
            let slope = (value(up) - value(down)) / 0.02
            #expect(abs(slope - Double(gradient.values[index])) < 2e-3, "option \(index)")
        }
    }

    /// f = 5, o = 3, w = 6, hidden widths 6, 15, 6: by hand.
    @Test func costsOfAPerceptron() throws {
        let space = try Self.space(Self.mlp)
        let genome = try space.genome(text: "width=6;depth=3;expansion=1,2.5,1")
        let cost = space.cost(of: genome)
        // Stem 36, head 21, final norm 12; blocks 12 + m 7 + 6 (m + 1).
        #expect(cost.params == 36 + 21 + 12 + (12 + 42 + 42) + (12 + 105 + 96) + (12 + 42 + 42))
        #expect(cost.multiplyAdds == 30 + 18 + 72 + 180 + 72)
        // The widest block: its stream, its norm and 15 hidden units.
        #expect(cost[.activationBytes] == 4 * (6 + 6 + 15))
        #expect(space.cost(of: space.smallest)[.activationBytes] == 4 * 12)
    }

    /// n = 5 tokens of 16 values, d = 16, a = 8, m = 32: the stream, its norm and hidden units are 2 n d + n m.
    @Test func activationsOfATransformer() throws {
        let space = try Self.space(Self.all[2])
        let genome = try space.genome(text: "embed=16;depth=1;heads=2;mlpRatio=2")
        #expect(space.cost(of: genome)[.activationBytes] == 4 * (2 * 5 * 16 + 5 * 32))
        // The patches and their embedding: 4 16 + 5 8; the stream and queries, keys and values: 2 5 8 + 3 5 4 = 140.
        let least = try space.genome(text: "embed=8;depth=1;heads=1;mlpRatio=1")
        #expect(space.cost(of: least)[.activationBytes] == 4 * max(104, 140, 5 * 8 + 4 * 5 * 4 + 25))
    }

    /// Bounds on sums and peaks together, against a list.
    @Test(arguments: [all[0], all[2], all[3]]) func feasibleArchitecturesAreCounted(text: String) throws {
        let space = try Self.space(text)
        let forms = Set(Self.everyGenome(space).map(space.canonical))
        var random = SeededGenerator(state: 7)
        let costs = forms.map { space.cost(of: $0) }
        for _ in 0..<40 {
            let constraints = space.costs.compactMap { metric -> Constraint? in
                guard Bool.random(using: &random), let one = costs.randomElement(using: &random)?[metric],
                    let other = costs.randomElement(using: &random)?[metric]
                else { return nil }
                return Constraint(metric: metric, atLeast: Double(min(one, other)), atMost: Double(max(one, other)))
            }
            let expected = costs.filter { cost in
                constraints.allSatisfy { $0.violation(of: Double(cost[$0.metric] ?? 0)) == 0 }
            }.count
            #expect(FeasibleCount(space, keeping: constraints) == .counted(Double(expected)))
        }
    }

    @Test func membersOfAGroupFollowItsDepth() throws {
        let space = try Self.space(Self.external)
        #expect(space.decisions.map(\.fullName).prefix(3) == ["depth.0", "depth.1", "kernel.0"])
        let genome = try space.genome(text: "depth=1,3;kernel=5,3,5,7;op=none,skip_connect;width=24")
        #expect(genome == Genome([0, 2, 1, 0, 0, 0, 1, 2, 0, 1, 1]))
        #expect(space.metrics.map(\.name) == ["accuracy", "energy"] && space.costs.isEmpty)
        #expect(space.metrics[0].goal == .maximize && space.metrics[1].unit == "millijoules")
    }

    /// Many lines, whose stored form has more brackets than a user may write; the first one again is found out.
    @Test func manyLines() throws {
        let count = 1000
        let lines = (0..<count).map { "  - name: d\($0)\n    options: [1, 2]\n" }
        let head = "family: external\ndecisions:\n"
        let space = try Self.space(head + lines.joined())
        #expect(space.decisions.count == count)
        #expect(try space.genome(text: space.text(of: space.largest)) == space.largest)
        let again = faults { try Self.space(head + lines.dropLast().joined() + lines[0]) }
        #expect(again.count == 1 && again[0].contains("expected each name once, found 'd0' again"))
    }

    struct Fault: Sendable {
        let lines: String
        let expected: String
    }

    static let badLines = [
        Fault(lines: "decisions: []", expected: "expected at least one decision"),
        Fault(
            lines:
                "decisions: [{name: d, options: [1, 2]}, {name: k, count: 5, options: [3], within: {decision: d, groups: 2}}]",
            expected: "decisions[1].within.groups: expected groups that divide the count 5 of 'k', found 2"),
        Fault(
            lines:
                "decisions: [{name: d, count: 3, options: [1, 2]}, {name: k, count: 4, options: [3], within: {decision: d, groups: 2}}]",
            expected: "decisions[1].within.groups: expected a group for each of the 3 decisions 'd', found 2"),
        Fault(
            lines:
                "decisions: [{name: d, options: [1, 9]}, {name: k, count: 4, options: [3], within: {decision: d, groups: 1}}]",
            expected: "expected options of 'd' from 0 to 4, the members of a group, found 1, 9"),
        Fault(
            lines: "decisions: [{name: k, count: 4, options: [3], within: {decision: dept, groups: 1}}]",
            expected: "expected the name of a decision above, found 'dept'"),
        Fault(lines: "decisions: [{name: k, options: [3, 3]}]", expected: "expected each option once"),
        Fault(lines: "decisions: [{name: k, options: [3, 2]}]", expected: "expected ascending options"),
        Fault(lines: "decisions: [{name: k, options: [a, 'b c']}]", expected: "expected a number or a word"),
        Fault(lines: "decisions: [{name: k, options: [1]}, {name: k, options: [1]}]", expected: "each name once"),
        Fault(lines: "decisions: [{name: k, options: [1]}]\nmetrics: {Accuracy: {}}", expected: "metrics.Accuracy"),
        Fault(lines: "decisions: [{name: k, options: [1]}]\nmixture: {experts: 2}", expected: "found 'mixture'"),
    ]

    @Test(arguments: badLines) func badDecisionsAreTold(fault: Fault) {
        let found = faults { try Self.space("family: external\n" + fault.lines) }
        #expect(found.contains { $0.contains(fault.expected) }, "\(found)")
    }

    /// A fault is told once, and nothing that follows from it alone.
    @Test func nothingFollowsFromAFault() {
        let numbers = (1...5000).map(String.init).joined(separator: ", ")
        for (line, expected) in [
            ("decisions: [{name: k, options: [\(numbers)]}]", "of at most 256, found 5000"),
            ("decisions: [{name: k, options: [3, 3]}]", "expected each option once"),
            ("decisions: 5", "expected a list of decisions, found '5'"),
        ] {
            let found = faults { try Self.space("family: external\n" + line) }
            #expect(found.count == 1 && found[0].contains(expected), "\(found)")
        }
    }
}
