public import SearchSpaces
public import Supernets
public import Tensors

/// Mixed sharing: each pass computes with weights that routers merge from experts for its architecture.
///
/// Merged once before the shards and taken back once after their reduction, over the active slice alone, on all workers:
/// a slice or a router is the work of one of them, and subnets are taken back one after the other, so the bits do not depend on
/// the number of workers. Each subnet that is prepared at a time has merged weights of its own.
public final class MixtureWeights: SubnetWeights {
    private let mixture: Mixture
    private let supernet: any Supernet
    private let trained: FloatBuffer
    private let trainedGradient: FloatBuffer?
    private let rooms: [MixtureRoom]
    private let pool: WorkerPool
    private let kernels: any Backend
    /// What the last pass merged, by subnet.
    private var merged: [Merged] = []

    private struct Merged {
        let genome: Genome
        let shared: [ParameterSlice]
        let sites: [Mixture.SiteSlice]
        let encoding: [Float]

        var count: Int { shared.count + sites.count }
    }

    /// Makes room for merged weights.
    ///
    /// - Parameters:
    ///   - values: The trained parameters, in the mixture's layout.
    ///   - gradient: Their gradient; nil where nothing is trained.
    ///   - subnets: The most subnets that are prepared at a time.
    public init(
        _ mixture: Mixture, of supernet: any Supernet, values: FloatBuffer, gradient: FloatBuffer?, subnets: Int = 1,
        pool: WorkerPool, kernels: any Backend
    ) {
        self.mixture = mixture
        self.supernet = supernet
        trained = values
        trainedGradient = gradient
        self.pool = pool
        self.kernels = kernels
        rooms = (0..<subnets).map { _ in
            MixtureRoom(mixture, floats: supernet.layout.floatCount, isTraining: gradient != nil)
        }
    }

    public var isShared: Bool { false }

    /// Where the shards' gradients of a subnet's merged weights are summed.
    public func gradient(of subnet: Int) -> FloatBuffer { rooms[subnet].gradient }

    /// Merges the weights of each subnet.
    public func prepare(_ subnets: [SlicedSubnet], dropout: Dropout?) -> [FloatBuffer] {
        precondition(subnets.count <= rooms.count, "there is room for the subnets")
        let merged = subnets.map { subnet in
            let (shared, sites) = mixture.parts(of: subnet.slices)
            return Merged(
                genome: subnet.genome, shared: shared, sites: sites,
                encoding: mixture.encode(subnet.genome, in: supernet.space))
        }
        // Sites first: they are the larger items.
        let items = merged.indices.flatMap { subnet in (0..<merged[subnet].count).map { (subnet, $0) } }
        self.merged = merged
        pool.run(items.count) { _, index in
            let (subnet, item) = items[index]
            let own = merged[subnet], room = rooms[subnet]
            if item < own.sites.count {
                mixture.merge(
                    own.sites[item], encoding: own.encoding, values: trained, into: room,
                    dropout: dropout?.ofRow(subnet), with: kernels)
                if trainedGradient != nil {
                    forget(own.sites[item].slices, in: room)
                }
            } else {
                let slice = own.shared[item - own.sites.count]
                mixture.share(slice, from: trained, into: room, with: kernels)
                if trainedGradient != nil { forget([slice], in: room) }
            }
        }
        return merged.indices.map { rooms[$0].values }
    }

    /// Takes the summed gradients to experts, routers and what is shared.
    ///
    /// - Returns: The gradient of the option weights by way of the routers.
    public func finish(isLearned: Bool) -> OptionWeights? {
        guard let trainedGradient else { return nil }
        for (own, room) in zip(merged, rooms) {
            pool.run(own.count) { _, item in
                if item < own.sites.count {
                    mixture.mergeBack(
                        own.sites[item], encoding: own.encoding, values: trained, from: room, into: trainedGradient,
                        with: kernels)
                } else {
                    mixture.shareBack(
                        own.shared[item - own.sites.count], from: room, into: trainedGradient, with: kernels)
                }
            }
        }
        guard isLearned, merged.count == 1, let own = merged.first else { return nil }
        let options = OptionWeights(own.genome, of: supernet.space.decisions)
        return mixture.encoding.backward(
            mixture.encodingGradient(of: own.sites, in: rooms[0], with: kernels), at: options)
    }

    private func forget(_ slices: [ParameterSlice], in room: MixtureRoom) {
        for slice in slices { kernels.fill(slice.view(of: room.gradient), with: 0) }
    }
}
