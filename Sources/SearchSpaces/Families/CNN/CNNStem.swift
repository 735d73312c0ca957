/// What comes before the first block: dense convolutions with norm and activation, most often one, and a pooling.
///
/// A deep stem has a first convolution to `inner` channels with the stride, others among these channels, each inside an identity
/// shortcut, and a last one to `width`.
///
/// Source: He et al., "Bag of Tricks for Image Classification with Convolutional Neural Networks" (CVPR 2019), ResNet-D.
public struct CNNStem: Sendable, Hashable {
    /// Side of the kernel.
    public let kernel: Int
    /// Stride in both directions, of the first convolution.
    public let stride: Int
    /// Output channels.
    public let width: Int
    /// Channels within a deep stem; nil where there is one convolution.
    public let inner: Int?
    /// Convolutions between the first and the last one of a deep stem.
    public let between: Int
    /// Whether a maximum over 3 x 3 places with stride 2 follows.
    public let hasPool: Bool
    /// What follows the norms.
    public let activation: CNNActivation
    /// The map that convolutions leave.
    public let convolvedMap: CNNMap

    /// The map that it leaves.
    public var outputMap: CNNMap { hasPool ? convolvedMap.divided(by: 2) : convolvedMap }
}

extension CNNStem {
    /// Calls a function with each layer in order. Convolutions inside a shortcut add their outputs to their inputs in place.
    func forEachLayer(_ channels: Int, _ input: CNNMap, _ receive: (CNNLayer) -> Void) {
        let map = convolvedMap
        if let inner {
            receive(CNNLayer(.dense, .stemInner, kernel: kernel, (channels, input), (inner, map), activation))
            for _ in 0..<between {
                receive(CNNLayer(.dense, .stemBetween, kernel: kernel, (inner, map), (inner, map), activation))
            }
            receive(CNNLayer(.dense, .stem, kernel: kernel, (inner, map), (width, map), activation))
        } else {
            receive(CNNLayer(.dense, .stem, kernel: kernel, (channels, input), (width, map), activation))
        }
        if hasPool {
            receive(CNNLayer(.pool, .stemPool, kernel: 3, (width, map), (width, outputMap), nil, hasNorm: false))
        }
    }
}
