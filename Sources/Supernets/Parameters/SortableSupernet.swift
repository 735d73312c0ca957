public import Tensors

/// A supernet whose channels can change places, so that fewer of them are those that matter most.
public protocol SortableSupernet: Supernet {
    /// Sorts the channels inside of blocks by the sum of magnitudes of the weights that read them, the greatest first: the outputs
    /// of the largest subnet stay the same, to rounding.
    ///
    /// - Parameters:
    ///   - values: Parameters in the layout.
    ///   - others: What goes along with them in the same layout, such as moments of an optimiser.
    func sortChannels(of values: FloatBuffer, with others: [FloatBuffer], on backend: any Backend)
}
