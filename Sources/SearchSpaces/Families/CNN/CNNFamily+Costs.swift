extension Metric {
    /// Bytes of activations that are live at a time with 8 bits a value: `activationBytes` / 4.
    ///
    /// Analytic: no accuracy of quantised networks is claimed.
    public static let sramBytes = Metric(cost: "sramBytes", unit: "bytes", accumulation: .peak)
    /// Bytes of a network with norms folded and weights of 8 bits: a byte for each weight, four for each bias, four for the
    /// scale of each output channel.
    ///
    /// Analytic: no accuracy of quantised networks is claimed.
    public static let flashBytes = Metric(cost: "flashBytes", unit: "bytes")
}

extension CNNFamily {
    package static let costs: [Metric] = [.params, .multiplyAdds, .activationBytes, .sramBytes, .flashBytes]

    /// Parameters, multiply-adds, bytes of activations, of memory and of flash of a genome.
    ///
    /// Sums over the layers of ``CNNArchitecture/forEachLayer(_:)``; with w weights, o output channels and g places of the
    /// output map, i and h those of the input:
    ///
    ///     params = w + 2 o with a norm, w + o with a bias
    ///     multiplyAdds = w g for convolutions and linear layers; norms, activations, biases, means and products count 0
    ///     activationBytes = 4 max(i h + o g + what waits beside)
    ///     sramBytes = activationBytes / 4
    ///     flashBytes = w + 4 o for scales + 4 o with a norm or a bias
    ///
    /// A block's input waits for its shortcut beside the depthwise layer alone: expand has it as its own input, and project
    /// adds to it in place. Complexity: O(blocks).
    ///
    /// Source: Lin et al., "MCUNet: Tiny Deep Learning on IoT Devices" (NeurIPS 2020), for the memory; the counters that public
    /// code of Cai et al. has for the rest.
    package func costs(of genome: Genome) -> [Int] { costs(of: architecture(of: genome)) }

    /// The same of a network.
    func costs(of network: CNNArchitecture) -> [Int] {
        var tally = CNNTally()
        network.forEachLayer { tally.add($0) }
        return tally.values
    }
}

/// The costs of some layers together.
struct CNNTally {
    private var params = 0, multiplyAdds = 0, peak = 0, flash = 0

    /// One more layer.
    mutating func add(_ layer: CNNLayer) {
        peak = max(
            peak, layer.inputs * layer.inputMap.places + layer.outputs * layer.outputMap.places + layer.waiting)
        guard layer.weights > 0 else { return }
        params += layer.weights + (layer.hasNorm ? 2 * layer.outputs : 0) + (layer.hasBias ? layer.outputs : 0)
        multiplyAdds += layer.weights * layer.outputMap.places
        flash += layer.weights + (layer.hasNorm || layer.hasBias ? 8 : 4) * layer.outputs
    }

    /// A value for each of ``CNNFamily/costs``.
    var values: [Int] { [params, multiplyAdds, 4 * peak, peak, flash] }
}
