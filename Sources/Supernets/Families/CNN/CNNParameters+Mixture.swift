extension CNNParameters {
    /// The pointwise convolutions that a mixture has experts for, block by block, and then the head's.
    ///
    /// A block's expand and project are what the feed-forward part of a transformer is: (out, in) over as many rows as there are
    /// pixels. Depthwise kernels, norms, squeeze and excite are shared as they are, and so is the stem.
    var mixableLayers: [[Mixture.PlainLayer]] {
        let own = blocks.sorted { $0.key < $1.key }.map { number, block in
            let expand = block.expand.map { [$0.mixable("blocks.\(number).expand")] } ?? []
            return expand + [block.project.mixable("blocks.\(number).project")]
        }
        return own + (head.map { [[$0.mixable("head")]] } ?? [])
    }
}

extension NormalizedLayer {
    /// The convolution as a mixture takes it.
    fileprivate func mixable(_ name: String) -> Mixture.PlainLayer {
        Mixture.PlainLayer(name: name, weight: weight, bias: nil)
    }
}
