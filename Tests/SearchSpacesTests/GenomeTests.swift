import SearchSpaces
import Testing

@Suite struct GenomeTests {
    @Test func decisionsAreInOrder() throws {
        let space = try SearchSpace.parse(yaml: tinySpace, file: "tiny.yaml")
        #expect(space.decisions.map(\.name) == ["embed", "depth"] + (0..<3).flatMap { _ in ["heads", "mlpRatio"] })
        #expect(space.decisions[5].scope == .block(1))
    }

    @Test(arguments: ["vit-mnist", "vit-cifar", "vit-glyphs", "vit-autoformer-tiny", "vit-autoformer-small"])
    func canonicalFormsKeysAndTexts(name: String) throws {
        let space = try space(name)
        var generator = SeededGenerator(state: 11)
        for _ in 0..<300 {
            let raw = Genome(
                space.decisions.map { UInt8(Int.random(in: 0..<$0.options.count, using: &generator)) })
            let canonical = space.canonical(raw)
            #expect(space.contains(raw))
            #expect(space.canonical(canonical) == canonical)
            #expect(space.key(of: raw) == space.key(of: canonical))
            #expect(space.key(of: raw).count == 32)
            #expect(space.cost(of: raw) == space.cost(of: canonical))
            #expect(space.vit?.shape(of: raw).architecture == space.vit?.shape(of: canonical).architecture)
            #expect(space.text(of: raw) == space.text(of: canonical))
            #expect(try space.genome(text: space.text(of: raw)) == canonical)
        }
    }

    @Test func countAgreesWithBruteForce() throws {
        let space = try SearchSpace.parse(yaml: tinySpace, file: "tiny.yaml")
        var all: [Genome] = [Genome([])]
        for decision in space.decisions {
            all = all.flatMap { genome in
                decision.options.indices.map { Genome(genome.choices + [UInt8($0)]) }
            }
        }
        let forms = Set(all.map { space.canonical($0) })
        #expect(Set(forms.map { space.key(of: $0) }).count == forms.count)
        #expect(Set(forms.map { space.vit?.shape(of: $0).architecture }).count == forms.count)
        #expect(Double(forms.count) == space.canonicalGenomeCount)
        // 2 embeds times (6 + 6^3).
        #expect(space.canonicalGenomeCountText == "444")
    }

    @Test func hugeCountsAreExact() throws {
        // 3 (9^4 + 9^5 + 9^6)
        #expect(try space("vit-mnist").canonicalGenomeCountText == "1791153")
        // 3 (9^12 + 9^13 + 9^14) = 273 x 282 429 536 481
        #expect(try space("vit-autoformer-small").canonicalGenomeCountText == "77103263459313")
    }

    @Test func textIsReadable() throws {
        let space = try space("vit-cifar")
        let text = "embed=160;depth=6;heads=4,5,6,4,5,6;mlpRatio=3,3.5,4,3,3.5,4"
        #expect(space.text(of: try space.genome(text: text)) == text)
    }

    @Test(arguments: [
        "", "embed=160", "embed=161;depth=6;heads=4,4,4,4,4,4;mlpRatio=3,3,3,3,3,3",
        "embed=160;depth=6;heads=4,4,4,4,4;mlpRatio=3,3,3,3,3,3",
        "embed=160;embed=160;depth=6;heads=4,4,4,4,4,4;mlpRatio=3,3,3,3,3,3",
        "embed=160,160;depth=6;heads=4,4,4,4,4,4;mlpRatio=3,3,3,3,3,3", "embed=nan;depth=6;heads=;mlpRatio=",
    ])
    func badTextsAreRefused(text: String) throws {
        let space = try space("vit-cifar")
        #expect(throws: SearchSpaceError.self) { try space.genome(text: text) }
    }

    @Test func fingerprintFollowsMeaning() throws {
        let tiny = try SearchSpace.parse(yaml: tinySpace, file: "a")
        let renamed = try SearchSpace.parse(
            yaml: tinySpace.replacing("name: tiny", with: "name: other\nsource: here") + "\nmixture: {experts: 1}",
            file: "b")
        let wider = try SearchSpace.parse(yaml: tinySpace.replacing("[8, 16]", with: "[8, 24]"), file: "c")
        #expect(tiny.fingerprint == renamed.fingerprint)
        #expect(tiny.fingerprint != wider.fingerprint)
        #expect(tiny.key(of: tiny.smallest) != wider.key(of: wider.smallest))
    }

    @Test func hashIsTheKnownOne() {
        // Test vectors of FNV-1a, 128 bits.
        #expect(StableHash().hexadecimal == "6c62272e07bb014262b821756295c58d")
        var hash = StableHash()
        hash.combine("a")
        #expect(hash.hexadecimal == "d228cb696f1a8caf78912b704e4a8964")
    }

    private static let stages = """
        apiVersion: nasd/v1
        kind: SearchSpace
        name: stages
        family: external
        decisions:
          - {name: depth, options: [1, 2]}
          - {name: op, count: 2, options: [x, y], within: {decision: depth, groups: 1}}

        """

    /// What does not count is not asked for; what counts and is not told is no first option.
    @Test func genomesOfOptions() throws {
        let space = try SearchSpace.parse(yaml: Self.stages, file: "s")
        func text(_ texts: [String?]) -> String {
            do throws(OptionFault) {
                return space.text(of: try space.genome { texts[$0] })
            } catch {
                return "\(error.decision) \(error.text)"
            }
        }
        #expect(text(["2", "y", "y"]) == "depth=2;op=y,y")
        #expect(text(["1.0", "y", "-"]) == "depth=1;op=y")
        #expect(text(["2", "y", nil]) == "depth=2;op=y,x")
        #expect(text(["2", "y", ""]) == "2 ")
        #expect(text(["3", "y", "z"]) == "0 3")
    }

    @Test func genomesOfColumns() throws {
        let space = try SearchSpace.parse(yaml: Self.stages, file: "s")
        #expect(space.genomeColumns == ["genome", "depth", "op", "op.0", "op.1"])
        func text(_ row: [String: String]) -> String {
            do { return space.text(of: try space.genome { row[$0] }) } catch { return "\(error)" }
        }
        #expect(text(["genome": "depth=2;op=y,x", "depth": "1"]) == "depth=2;op=y,x")
        #expect(text(["depth": "1", "op": "y"]) == "depth=1;op=y")
        #expect(text(["depth": "1", "op": "y;-"]) == "depth=1;op=y")
        #expect(text(["depth": "2", "op.0": "y", "op.1": "x"]) == "depth=2;op=y,x")
        #expect(text(["depth": "2", "op": "y;"]).contains("expected op.1 to be one of x, y, found ''"))
        #expect(text(["depth": "2", "op": "y"]).contains("expected 2 values of op, found 1"))
        #expect(text(["depth": "2", "op.0": "y"]).contains("there is no column 'op' or 'op.1'"))
    }
}
