public import SearchSpaces
public import Tensors

extension Mixture {
    /// The encoding of a genome.
    public func encode(_ genome: Genome, in space: SearchSpace) -> [Float] {
        encoding.encode(OptionWeights(genome, of: space.decisions))
    }

    /// The mixing weights of an architecture at one router, without dropout: a row of experts for each row of the site.
    public func mixing(
        _ slice: SiteSlice, encoding: [Float], values: FloatBuffer, room: MixtureRoom, with kernels: any Backend
    ) -> [Float] {
        let site = sites[slice.site], own = room.sites[slice.site]
        route(site, slice, encoding: encoding, values: values, own, dropout: nil, kernels)
        return kernels.download(own.mix[0..<slice.rows(of: site) * settings.experts])
    }

    /// How alike the experts of a site have learned: the mean over pairs of cos(E_i - E_i(0), E_j - E_j(0)), where E_i is
    /// everything that expert i has at the site, weights and biases, and E_i(0) what it began with.
    ///
    /// Experts of independent draws have a cosine near 0 by these draws alone, whatever they learn afterwards.
    ///
    /// - Parameters:
    ///   - values: The trained parameters.
    ///   - initial: What ``Supernet/initialize(_:seed:on:)`` filled in.
    /// - Returns: -1 to 1; nil while an expert is as it began, and where it is not finite.
    public func cosineOfMoves(
        ofSite site: Int, values: FloatBuffer, initial: FloatBuffer, with kernels: any Backend
    ) -> Double? {
        let count = settings.experts
        var products = [Double](repeating: 0, count: count * count)
        for layer in sites[site].layers {
            for part in [layer.experts.map(\.weight), layer.experts.compactMap(\.bias)] where !part.isEmpty {
                let moves = part.map { entry in
                    zip(kernels.download(entry.view(of: values)), kernels.download(entry.view(of: initial)))
                        .map { Double($0) - Double($1) }
                }
                for left in 0..<count {
                    for right in left..<count {
                        products[left * count + right] += zip(moves[left], moves[right]).reduce(0) { $0 + $1.0 * $1.1 }
                    }
                }
            }
        }
        var total = 0.0
        for left in 0..<count {
            for right in left + 1..<count {
                let lengths = products[left * count + left] * products[right * count + right]
                guard lengths > 0, lengths.isFinite else { return nil }
                total += products[left * count + right] / lengths.squareRoot()
            }
        }
        return total / Double(count * (count - 1) / 2)
    }
}
