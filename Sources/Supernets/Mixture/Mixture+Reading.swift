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
}
