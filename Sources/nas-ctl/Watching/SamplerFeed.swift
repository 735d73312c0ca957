internal import API
internal import Documents
internal import SearchSpaces
internal import UserFiles

/// Keeps up with what a sampler learns, without reading everything each time.
struct SamplerFeed {
    private let run: String
    private var name: String?
    private var cursor: String?
    private var page: [SamplerDocument.Statistic] = []
    private var before: [SamplerDocument.Statistic] = []

    init(run: String) { self.run = run }

    /// The newest shares of the bins; nil when the sampler learns nothing.
    mutating func newest(_ client: APIClient) throws(APIClientError) -> LearnedSampling? {
        guard let name else {
            // Once it has begun to learn, its numbers stand among the first.
            let first = try client.sampler(of: run).statistics
            self.name = first.first { LearnedSampling.isMeant($0.name) }?.name
            return self.name == nil ? nil : try newest(client)
        }
        while true {
            let document = try client.sampler(of: run, name: name, cursor: cursor)
            page = document.statistics
            guard let next = document.next, next != cursor else { break }
            before = page
            cursor = next
        }
        // The bins of one step may lie on two pages.
        return LearnedSampling(before + page)
    }
}

/// What a sampler that learns has learned: the share of each bin at the newest step.
struct LearnedSampling: Equatable {
    /// What the numbers are called.
    let name: String
    /// The training step.
    let step: Int
    /// The share of each bin, from bin 0 on.
    let shares: [Double]

    /// Whether statistics of this name are probabilities of bins.
    static func isMeant(_ name: String) -> Bool { name.lowercased().contains("probabilit") }

    /// The newest of them; nil when there are none.
    init?(_ statistics: [SamplerDocument.Statistic]) {
        guard let last = statistics.last(where: { Self.isMeant($0.name) }) else { return nil }
        let newest = statistics.filter { $0.name == last.name && $0.step == last.step }.sorted { $0.bin < $1.bin }
        guard newest.count > 1 else { return nil }
        name = last.name
        step = last.step
        shares = newest.map(\.value)
    }

    /// A bar for each bin.
    func lines(width: Int) -> [String] {
        let largest = max(shares.max() ?? 0, 1e-9)
        let title = DisplayWidth.cut(TerminalText.escaped("\(name), step \(step)"), to: width)
        let room = min(40, width - 16)
        guard room > 0 else { return [title] }
        return [title]
            + shares.enumerated().map { bin, share in
                let number = DisplayWidth.pad(String(bin), to: 4, alignsRight: true)
                return
                    "\(number)  \(ProgressBar.bar(share / largest, width: room))  \(NumberText.fixed(share, decimals: 3))"
            }
    }
}
