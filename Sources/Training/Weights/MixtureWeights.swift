public import SearchSpaces
public import Supernets
public import Tensors

/// Mixed sharing: each pass computes with weights that routers merge from experts for its architecture.
///
/// Merged once before the shards and taken back once after their reduction, over the active slice alone, on all workers:
/// a slice or a router is the work of one of them, so the bits do not depend on their number.
public final class MixtureWeights: SubnetWeights {
    private let mixture: Mixture
    private let supernet: any Supernet
    private let trained: FloatBuffer
    private let trainedGradient: FloatBuffer?
    private let room: MixtureRoom
    private let pool: WorkerPool
    private let kernels: any Backend
    /// What the last pass merged.
    private var shared: [ParameterSlice] = []
    private var sites: [Mixture.SiteSlice] = []
    private var encoding: [Float] = []

    /// Makes room for merged weights.
    ///
    /// - Parameters:
    ///   - values: The trained parameters, in the mixture's layout.
    ///   - gradient: Their gradient; nil where nothing is trained.
    public init(
        _ mixture: Mixture, of supernet: any Supernet, values: FloatBuffer, gradient: FloatBuffer?, pool: WorkerPool,
        kernels: any Backend
    ) {
        self.mixture = mixture
        self.supernet = supernet
        trained = values
        trainedGradient = gradient
        self.pool = pool
        self.kernels = kernels
        room = MixtureRoom(mixture, floats: supernet.layout.floatCount, isTraining: gradient != nil)
    }

    public var isShared: Bool { false }

    /// Where the shards' gradients of the merged weights are summed.
    public var gradient: FloatBuffer { room.gradient }

    /// Merges the weights of a pass.
    public func prepare(for genome: Genome, slices: [ParameterSlice], dropout: Dropout?) -> FloatBuffer {
        (shared, sites) = mixture.parts(of: slices)
        encoding = mixture.encode(genome, in: supernet.space)
        let shared = shared, sites = sites, encoding = encoding
        pool.run(shared.count + sites.count) { _, item in
            // Sites first: they are the larger items.
            if item < sites.count {
                mixture.merge(
                    sites[item], encoding: encoding, values: trained, into: room, dropout: dropout, with: kernels)
                if trainedGradient != nil {
                    for layer in sites[item].layers { forget([layer.weight, layer.bias]) }
                }
            } else {
                mixture.share(shared[item - sites.count], from: trained, into: room, with: kernels)
                if trainedGradient != nil { forget([shared[item - sites.count]]) }
            }
        }
        return room.values
    }

    /// Takes the summed gradient to experts, routers and what is shared.
    ///
    /// - Returns: The gradient of the option weights by way of the routers.
    public func finish(for genome: Genome, isLearned: Bool) -> OptionWeights? {
        guard let trainedGradient else { return nil }
        let shared = shared, sites = sites, encoding = encoding
        pool.run(shared.count + sites.count) { _, item in
            if item < sites.count {
                mixture.mergeBack(
                    sites[item], encoding: encoding, values: trained, from: room, into: trainedGradient,
                    with: kernels)
            } else {
                mixture.shareBack(shared[item - sites.count], from: room, into: trainedGradient, with: kernels)
            }
        }
        guard isLearned else { return nil }
        let options = OptionWeights(genome, of: supernet.space.decisions)
        return mixture.encoding.backward(mixture.encodingGradient(of: sites, in: room, with: kernels), at: options)
    }

    private func forget(_ slices: [ParameterSlice]) {
        for slice in slices { kernels.fill(slice.view(of: room.gradient), with: 0) }
    }
}
