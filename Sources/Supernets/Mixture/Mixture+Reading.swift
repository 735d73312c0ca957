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

    /// Merges all that an architecture uses, on the calling thread; the rest of the room keeps what it had.
    public func merge(
        _ genome: Genome, of supernet: any Supernet, values: FloatBuffer, into room: MixtureRoom,
        with kernels: any Backend
    ) {
        let (shared, sites) = parts(of: supernet.slices(of: genome))
        for slice in shared { share(slice, from: values, into: room, with: kernels) }
        let encoding = encode(genome, in: supernet.space)
        for site in sites { merge(site, encoding: encoding, values: values, into: room, with: kernels) }
    }
}
