public import SearchSpaces
public import Tensors

extension Mixture {
    /// The encoding of a genome.
    public func encode(_ genome: Genome, in space: SearchSpace) -> [Float] {
        encoding.encode(OptionWeights(genome, of: space.decisions))
    }

    /// The mixing weights of an architecture at every router that it uses, without dropout.
    ///
    /// - Returns: For each site, rows of weights of the experts; empty where the architecture has no such layer.
    public func mixing(
        of genome: Genome, in supernet: any Supernet, values: FloatBuffer, room: MixtureRoom, with kernels: Kernels
    ) -> [[[Float]]] {
        var result = [[[Float]]](repeating: [], count: sites.count)
        let encoding = encode(genome, in: supernet.space)
        for slice in parts(of: supernet.slices(of: genome)).sites {
            let own = room.sites[slice.site], rows = slice.rows(of: sites[slice.site])
            route(sites[slice.site], slice, encoding: encoding, values: values, own, dropout: nil, kernels)
            let mix = own.mix.matrix(rows: rows, columns: settings.experts)
            result[slice.site] = (0..<rows).map { Array(mix.row($0)) }
        }
        return result
    }

    /// Merges all that an architecture uses, on the calling thread; the rest of the room keeps what it had.
    public func merge(
        _ genome: Genome, of supernet: any Supernet, values: FloatBuffer, into room: MixtureRoom,
        with kernels: Kernels
    ) {
        let (shared, sites) = parts(of: supernet.slices(of: genome))
        for slice in shared { share(slice, from: values, into: room) }
        let encoding = encode(genome, in: supernet.space)
        for site in sites { merge(site, encoding: encoding, values: values, into: room, with: kernels) }
    }
}
