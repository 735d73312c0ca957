internal import ArgumentParser
internal import SearchSpaces

/// A budget as the command line has it: `multiplyAdds=2.5M`, `params=300k`, or a plain number.
struct Budget: ExpressibleByArgument {
    let metric: CostMetric
    let limit: Int

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, let metric = CostMetric(rawValue: String(parts[0])) else { return nil }
        var text = parts[1]
        var unit = 1.0
        if let factor = text.last.flatMap({ ["k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9][$0] }) {
            unit = factor
            text = text.dropLast()
        }
        guard let number = Double(text), number > 0, number * unit < 1e18 else { return nil }
        self.metric = metric
        limit = Int((number * unit).rounded(.down))
    }
}
