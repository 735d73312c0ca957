internal import SearchSpaces
public import Tensors

/// What a mixture computes with beside its parameters: the merged weights of one architecture, and what routers left for
/// their backward.
///
/// - Invariant (Sendable by its buffers): between two barriers of the worker pool a site or a slice belongs to one worker.
public struct MixtureRoom: Sendable {
    /// The merged weights, in the network's layout.
    public let values: FloatBuffer
    /// Their gradient; of no size where nothing is trained.
    public let gradient: FloatBuffer
    /// The gradient of the encoding by way of all routers; of no size where nothing is trained.
    let encodingGradient: FloatBuffer
    /// Of each site.
    let sites: [Site]

    struct Site: Sendable {
        /// The encoding of the architecture.
        let input: FloatBuffer
        /// relu(R1 v + c1), dropout included.
        let hidden: FloatBuffer
        /// The slope of each hidden unit: 0 where it is off or dropped.
        let slope: FloatBuffer
        /// Mixing weights, one row of them for each row of the site.
        let mix: FloatBuffer
        let mixGradient: FloatBuffer
        let hiddenGradient: FloatBuffer
        /// The gradient of the encoding by way of this router.
        let inputGradient: FloatBuffer
    }

    /// Makes room.
    ///
    /// - Parameter floats: The size of the network's layout.
    public init(_ mixture: Mixture, floats: Int, isTraining: Bool) {
        values = FloatBuffer(count: floats)
        gradient = FloatBuffer(count: isTraining ? floats : 0)
        let hidden = mixture.settings.hidden, experts = mixture.settings.experts, inputs = mixture.encoding.count
        encodingGradient = FloatBuffer(count: isTraining ? inputs : 0)
        sites = mixture.sites.map { site in
            Site(
                input: FloatBuffer(count: inputs), hidden: FloatBuffer(count: hidden),
                slope: FloatBuffer(count: hidden),
                mix: FloatBuffer(count: site.rows * experts),
                mixGradient: FloatBuffer(count: isTraining ? site.rows * experts : 0),
                hiddenGradient: FloatBuffer(count: isTraining ? hidden : 0),
                inputGradient: FloatBuffer(count: isTraining ? inputs : 0))
        }
    }
}
