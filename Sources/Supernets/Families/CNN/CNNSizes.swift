internal import SearchSpaces

extension CNNFamily {
    /// What a loader of a network needs: lists of blocks by their places in the network, `activations` with the stem's before and
    /// the head's behind them, as `epsilon` what norms that are not folded add to variances, as `resolution` the size that images are
    /// resampled to where that is another, and what residual networks have more.
    func sizes(of network: CNNArchitecture) -> [String: ModelDescription.Sizes] {
        let blocks = network.blocks
        let activations = [network.stem.activation] + blocks.map(\.activation) + [network.head.activation]
        var sizes: [String: ModelDescription.Sizes] = [
            "image": .list([image.height, image.width, network.channels]),
            "classes": .one(network.classes),
            "stem": .list([network.stem.kernel, network.stem.stride, network.stem.width]),
            "numbers": .list(blocks.map(\.number)), "widths": .list(blocks.map(\.output)),
            "middles": .list(blocks.map(\.middle)), "kernels": .list(blocks.map(\.kernel)),
            "strides": .list(blocks.map(\.stride)), "squeezed": .list(blocks.map { $0.squeezed ?? 0 }),
            "shortcuts": .list(blocks.map(\.shortcut.number)),
            "activations": .words(activations.map(\.rawValue)), "epsilon": .number(epsilon),
            "head": .list([network.head.width ?? 0, network.head.mix ?? 0]),
        ]
        if network.input != imageMap {
            sizes["resolution"] = .list([network.input.height, network.input.width])
        }
        // Files of networks of inverted bottlenecks stay as they were before there were others.
        if blocks.contains(where: \.kind.isResidual) { sizes["kinds"] = .words(blocks.map(\.kind.rawValue)) }
        if let inner = network.stem.inner { sizes["deepStem"] = .list([inner, network.stem.between]) }
        if network.stem.hasPool { sizes["stemPool"] = .one(1) }
        return sizes
    }
}

extension CNNShortcut {
    /// As files of networks have it: 0 for none, 1 for the input itself, 2 for a pooled one with norm, 3 for one without.
    fileprivate var number: Int {
        switch self {
        case .none: 0
        case .identity: 1
        case .pooled(let hasNorm): hasNorm ? 2 : 3
        }
    }
}
