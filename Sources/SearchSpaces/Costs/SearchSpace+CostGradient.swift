extension SearchSpace {
    /// The gradient of the expected cost at a genome: for each option, the cost of the genome with that option instead.
    ///
    /// For independent draws with option probabilities p the expected cost F(p) is linear in the weights of each decision,
    /// and dF/dp[i, j] at the one-hot weights of a genome is the cost of that genome with decision i set to option j. It is
    /// exact for any family, products of sizes included, where a sum of costs of single operations would not be.
    ///
    /// Source: Zhang et al., "ShiftNAS: Improving One-shot NAS via Probability Shift" (ICCV 2023), Eq. 10, of which this
    /// is the general form.
    ///
    /// Complexity: O(options of all decisions) evaluations of ``cost(of:)``.
    public func costGradient(at genome: Genome, by metric: Metric) -> OptionWeights {
        var gradient = OptionWeights(decisions)
        let cost = Float(cost(of: genome)[metric] ?? 0)
        let active = isActive(genome)
        for (index, decision) in decisions.enumerated() {
            let range = gradient.range(of: index)
            for option in decision.options.indices {
                guard active[index], option != Int(genome.choices[index]) else {
                    gradient.values[range.lowerBound + option] = cost
                    continue
                }
                var changed = genome
                changed.choices[index] = UInt8(option)
                gradient.values[range.lowerBound + option] = Float(self.cost(of: changed)[metric] ?? 0)
            }
        }
        return gradient
    }
}
