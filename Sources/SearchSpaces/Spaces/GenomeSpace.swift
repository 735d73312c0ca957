/// What a search algorithm needs to know of a space: its decisions, from which it follows which genomes mean the same.
public protocol GenomeSpace: Sendable {
    /// The decisions in genome order.
    var decisions: [Decision] { get }
    /// The genome in its canonical form; by default with every inactive decision set to 0.
    ///
    /// Two genomes describe one architecture exactly when their canonical forms are equal. The genome must have an option
    /// index within bounds for each decision.
    func canonical(_ genome: Genome) -> Genome
}

extension GenomeSpace {
    /// Whether a decision counts under a genome's other choices.
    public func isActive(_ index: Int, in genome: Genome) -> Bool {
        switch decisions[index].activity {
        case .always: true
        case .below(let decision, let position):
            decisions[decision].options[Int(genome.choices[decision])] > Double(position)
        }
    }

    /// Which decisions count under a genome's choices.
    public func isActive(_ genome: Genome) -> [Bool] { decisions.indices.map { isActive($0, in: genome) } }

    public func canonical(_ genome: Genome) -> Genome {
        var result = genome
        for index in decisions.indices where !isActive(index, in: genome) { result.choices[index] = 0 }
        return result
    }

    /// A genome whose option indices are drawn independently and uniformly, in canonical form.
    public func randomGenome(using generator: inout some RandomNumberGenerator) -> Genome {
        canonical(Genome(decisions.map { UInt8(Int.random(in: 0..<$0.options.count, using: &generator)) }))
    }

    /// A genome whose decisions are drawn independently, each option by ``Decision/probabilities(lean:)``, in canonical form.
    public func randomGenome(lean: Double, using generator: inout some RandomNumberGenerator) -> Genome {
        evenGenomes(1, lean: lean, using: &generator)[0]
    }

    /// Genomes that are each drawn as ``randomGenome(lean:using:)`` draws one, and among which every option of a decision is as
    /// frequent as its probability says, give or take one, over those in which the decision is active.
    ///
    /// Each decision cuts what is to be chosen into as many parts of equal probability as there are genomes, and every genome
    /// gets one of them.
    /// Source: McKay, Beckman and Conover, "A Comparison of Three Methods for Selecting Values of Input Variables in the Analysis
    /// of Output from a Computer Code" (Technometrics, 1979), Latin hypercube sampling.
    public func evenGenomes(
        _ count: Int, lean: Double = 1, using generator: inout some RandomNumberGenerator
    ) -> [Genome] {
        var genomes = [Genome](repeating: Genome(decisions.map { _ in 0 }), count: count)
        // Those that are always active decide which others are.
        let order =
            decisions.indices.filter { decisions[$0].activity == .always }
            + decisions.indices.filter { decisions[$0].activity != .always }
        for index in order {
            let active = genomes.indices.filter { isActive(index, in: genomes[$0]) }.shuffled(using: &generator)
            let ends = decisions[index].probabilities(lean: lean).reduce(into: [Double]()) {
                $0.append(($0.last ?? 0) + $1)
            }.dropLast()
            let shift = Double.random(in: 0..<1, using: &generator)
            for (part, place) in active.enumerated() {
                let share = (Double(part) + shift) / Double(active.count)
                genomes[place].choices[index] = UInt8(ends.count { $0 <= share })
            }
        }
        return genomes.map(canonical)
    }

    /// The number of different architectures, exactly, as decimal digits: over the decisions that are always active the
    /// product of their options, where one that others depend on counts for each of its options the product of what is then
    /// active.
    public var canonicalGenomeCountText: String {
        var dependents: [Int: [(position: Int, options: Int)]] = [:]
        for decision in decisions {
            if case .below(let control, let position) = decision.activity {
                dependents[control, default: []].append((position, decision.options.count))
            }
        }
        var total = DecimalCount(1)
        for (index, decision) in decisions.enumerated() where decision.activity == .always {
            guard let members = dependents[index]?.sorted(by: { $0.position < $1.position }) else {
                total.multiply(by: decision.options.count)
                continue
            }
            // The members of a smaller option are among those of a larger one.
            var sum = DecimalCount(0), product = total, active = 0
            for option in decision.options.sorted() {
                while active < members.count, option > Double(members[active].position) {
                    product.multiply(by: members[active].options)
                    active += 1
                }
                sum.add(product)
            }
            total = sum
        }
        return total.text
    }

    /// The number of different architectures, rounded; infinite from 2^1024.
    public var canonicalGenomeCount: Double { Double(canonicalGenomeCountText) ?? .infinity }
}

/// A natural number of any size, for counting architectures.
struct DecimalCount {
    private static let base: UInt64 = 1_000_000_000
    // Least significant first, nine digits each.
    private var limbs: [UInt64]

    init(_ value: UInt32) {
        limbs = [UInt64(value) % Self.base, UInt64(value) / Self.base]
    }

    mutating func multiply(by factor: Int) {
        var carry: UInt64 = 0
        for index in limbs.indices {
            let product = limbs[index] * UInt64(factor) + carry
            limbs[index] = product % Self.base
            carry = product / Self.base
        }
        if carry > 0 { limbs.append(carry) }
    }

    mutating func add(_ other: DecimalCount) {
        var carry: UInt64 = 0
        for index in 0..<max(limbs.count, other.limbs.count) {
            if index == limbs.count { limbs.append(0) }
            let sum = limbs[index] + (index < other.limbs.count ? other.limbs[index] : 0) + carry
            limbs[index] = sum % Self.base
            carry = sum / Self.base
        }
        if carry > 0 { limbs.append(carry) }
    }

    var text: String {
        let digits = limbs.reversed().map { limb in
            let text = String(limb)
            return String(repeating: "0", count: 9 - text.count) + text
        }.joined().drop { $0 == "0" }
        return digits.isEmpty ? "0" : String(digits)
    }
}
