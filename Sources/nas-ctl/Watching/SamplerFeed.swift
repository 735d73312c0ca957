internal import API

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
