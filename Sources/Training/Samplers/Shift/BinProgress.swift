internal import Tensors

/// What a multiply-add spent on each bin does for the weighted mean of held-out losses, from windows of steps that do not
/// overlap, each measured before and after on the same examples, and what the same would find by chance.
///
/// Objective: L = sum_k w_k L_k, with L_k the held-out loss of subnets of bin k. With A_jk the fall of L_k by a step on bin j
/// at cost c_j, the progress of bin j per multiply-add is (A w)_j / c_j. A window t has a fall y_t of L, counts n_tj of steps
/// and multiply-adds C_t. Where a multiply-add does as much in every bin, y_t = b_t C_t but for noise, with b_t a parabola of
/// time. What is left is r, and it is held against the surprises of the counts, x_tj = n_tj - N_t p_tj: what was drawn by
/// chance alone, and so by nothing that trends or swings. Whatever the noise, sum_t m_t x_tj then has the mean 0 and the variance
/// V_j sum_t m_t^2 where bins are alike, with V_j that of x_tj.
///
///     m = M W^-1 M y        M projects C_t, t C_t and t^2 C_t out; W is tridiagonal, 1 beside the autocorrelation of M y
///     d_j = (1 - p_j) sum_t m_t x_tj / (V_j tr(M W^-1 M)) / c_j        v_j = ((1 - p_j) / c_j)^2 sum_t m_t^2 / (V_j tr^2)
///     s = max(0, sum_j d_j^2 / v_j - K) / sum_j 1 / v_j        z_j = d_j / sqrt(v_j) * s / (s + v_j)
///
/// W weighs windows by how they swing: the end of one is the beginning of the next, so that a swing of the loss counts in both,
/// with opposite signs. d_j is the progress of bin j per multiply-add above that of all, v_j its variance, s the variance over
/// bins by moments, and z_j the posterior mean under a normal prior of variance s in units of the standard error: 0 for all
/// where bins differ by no more than noise.
///
/// Source: Fisher, "The Design of Experiments" (1935), section 21, for chance by permutation; DerSimonian and Laird,
/// "Meta-analysis in clinical trials" (1986), for the moments.
struct BinProgress: Sendable, Equatable, Codable {
    /// Steps between two measurements.
    struct Window: Sendable, Equatable, Codable {
        /// Its place in the training, which its permutations come from.
        let number: Int
        /// Of each bin its probability, before what ``BinProgress/contrasted(_:by:number:seed:)`` adds.
        let probabilities: [Double]
        /// Steps of each bin.
        var counts: [Double]
        /// Multiply-adds of one example in the steps of each bin.
        var multiplyAdds: [Double]
        /// What the weighted mean of the losses fell by.
        var fall = 0.0

        init(number: Int, probabilities: [Double]) {
            self.number = number
            self.probabilities = probabilities
            counts = probabilities.map { _ in 0 }
            multiplyAdds = counts
        }

        /// Counts that were not to be expected.
        var surprises: [Double] {
            let steps = counts.reduce(0, +)
            return zip(counts, probabilities).map { $0 - steps * $1 }
        }
    }

    /// What windows tell of a bin.
    struct Estimate: Sendable, Equatable {
        /// Fall of the weighted mean per multiply-add, above that of all bins.
        let advantage: Double
        /// The advantage in standard errors, shrunk.
        let shrunk: Double
    }

    /// Permutations that tell what chance does.
    static let placeboCount = 40
    /// Fewer windows tell no variance.
    static let leastWindows = 8
    /// What an update keeps of the logits: evidence that is gone is forgotten, and what stays moves them to `rate * z / 0.2`.
    static let kept = 0.8

    /// The latest windows, oldest first.
    private(set) var windows: [Window] = []
    /// The window that goes on.
    var open: Window?
    /// The probabilities of each permutation.
    private(set) var placebos: [BinDistribution]

    init(bins: Int) {
        placebos = [BinDistribution](repeating: BinDistribution(bins: bins), count: Self.placeboCount)
    }

    /// Whether all is of so many bins.
    func fits(bins: Int) -> Bool {
        placebos.count == Self.placeboCount && placebos.allSatisfy { $0.fits(bins: bins) }
            && (windows + [open].compactMap(\.self)).allSatisfy {
                [$0.probabilities.count, $0.counts.count, $0.multiplyAdds.count] == [bins, bins, bins]
            }
    }

    /// Ends the open window.
    ///
    /// - Parameter memory: Windows that are kept.
    /// - Returns: Whether it tells anything.
    mutating func close(fall: Double, memory: Int) -> Bool {
        guard var window = open else { return false }
        open = nil
        window.fall = fall
        guard fall.isFinite, window.counts.contains(where: { $0 > 0 }) else { return false }
        windows.append(window)
        windows.removeFirst(max(0, windows.count - memory))
        return true
    }

    /// Counts a step.
    ///
    /// - Parameter multiplyAdds: Of one example.
    mutating func note(_ bin: Int, multiplyAdds: Int) {
        open?.counts[bin] += 1
        open?.multiplyAdds[bin] += Double(multiplyAdds)
    }

    /// Multiply-adds of a step on average.
    var meanCost: Double {
        let steps = windows.flatMap(\.counts).reduce(0, +)
        return steps > 0 ? windows.flatMap(\.multiplyAdds).reduce(0, +) / steps : 0
    }

    /// Moves probabilities by what the windows tell, and those of each permutation by what they tell with the bins of each
    /// window permuted.
    ///
    /// - Returns: What they tell of each bin; nil where they are too few.
    mutating func update(
        _ distribution: inout BinDistribution, rate: Double, floor: Double, seed: UInt64
    ) -> [Estimate]? {
        guard windows.count >= Self.leastWindows else { return nil }
        let weighed = WeighedFalls(windows)
        let surprises = windows.map(\.surprises)
        let found = estimates(surprises, weighed)
        distribution.move(by: found.map(\.shrunk), rate: rate, keeping: Self.kept, floor: floor)
        for index in placebos.indices {
            let permuted = zip(windows, surprises).map { window, own in
                var numbers = CounterRandom(seed: seed, stream: .subnet).generator(
                    step: UInt64(window.number), lane: Self.lane + 1 + index)
                return own.shuffled(using: &numbers)
            }
            placebos[index].move(
                by: estimates(permuted, weighed).map(\.shrunk), rate: rate, keeping: Self.kept, floor: floor)
        }
        return found
    }

    /// Total variations of the permutations: their median, and what a run of bins that are alike keeps below in 95 % of all runs:
    /// the 39th of 40, since its own is one of 41.
    var chance: (median: Double, most: Double) {
        let sorted = placebos.map(\.totalVariation).sorted()
        let rank = ((sorted.count + 1) * 95 + 99) / 100
        return ((sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2, sorted[min(rank, sorted.count) - 1])
    }

    /// What the windows tell of each bin with given surprises.
    private func estimates(_ surprises: [[Double]], _ weighed: WeighedFalls) -> [Estimate] {
        let squares = weighed.falls.map { $0 * $0 }.reduce(0, +)
        let costs = costs
        let found: [(advantage: Double, variance: Double)] = costs.indices.map { bin in
            let spread = surprises.map { $0[bin] * $0[bin] }.reduce(0, +) / Double(windows.count)
            guard spread > 0, weighed.trace > 0, squares > 0 else { return (0, .infinity) }
            let product = zip(surprises, weighed.falls).map { $0[bin] * $1 }.reduce(0, +)
            let share = windows.map { $0.probabilities[bin] }.reduce(0, +) / Double(windows.count)
            let scale = (1 - share) / costs[bin] / (spread * weighed.trace)
            return (scale * product, scale * scale * spread * squares)
        }
        let known = found.filter { $0.variance > 0 && $0.variance.isFinite }
        let excess = known.map { $0.advantage * $0.advantage / $0.variance }.reduce(0, +) - Double(known.count)
        let spread = excess > 0 ? excess / known.map { 1 / $0.variance }.reduce(0, +) : 0
        return found.map { bin in
            guard spread > 0, bin.variance > 0, bin.variance.isFinite else {
                return Estimate(advantage: bin.advantage, shrunk: 0)
            }
            let shrunk = bin.advantage / bin.variance.squareRoot() * spread / (spread + bin.variance)
            return Estimate(advantage: bin.advantage, shrunk: shrunk)
        }
    }

    /// Multiply-adds of a step on each bin; of one that was never drawn the mean over all.
    private var costs: [Double] {
        let mean = meanCost
        return placebos[0].logits.indices.map { bin in
            let count = windows.map { $0.counts[bin] }.reduce(0, +)
            let own = windows.map { $0.multiplyAdds[bin] }.reduce(0, +)
            return max(count > 0 ? own / count : mean, 1)
        }
    }

    /// The first lane of its random numbers, past those of draws.
    private static let lane = 1 << 20

    /// Probabilities of one window, p_j (1 + contrast s_j) with random signs s_j less their mean: half of the bins are drawn
    /// more often and half less, so that a window tells more than the chance of single draws would. On average they are p.
    ///
    /// - Parameter contrast: At most 0.5.
    static func contrasted(_ probabilities: [Double], by contrast: Double, number: Int, seed: UInt64) -> [Double] {
        var numbers = CounterRandom(seed: seed, stream: .subnet).generator(step: UInt64(number), lane: lane)
        let even = probabilities.indices.map { bin -> Double in
            probabilities.count % 2 == 1 && bin == 0 ? 0 : bin % 2 == 1 ? 1 : -1
        }
        let signs = even.shuffled(using: &numbers)
        let mean = zip(probabilities, signs).map { $0 * $1 }.reduce(0, +)
        return zip(probabilities, signs).map { $0 * (1 + contrast * ($1 - mean)) }
    }
}
