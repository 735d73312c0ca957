public import Supernets
public import Tensors

/// How the weights of a network are kept.
public enum WeightPrecision: String, Sendable, CaseIterable {
    /// As they are, 32 bits each.
    case float32
    /// As whole numbers of 8 bits with a scale for each output channel, w = q scale, scale = max |w| / 127; biases, norms and tables
    /// stay as they are.
    ///
    /// Source: Krishnamoorthi, "Quantizing deep convolutional networks for efficient inference" (2018), section 2.
    case int8
}

/// A weight as whole numbers of 8 bits, row by row, with a scale for each output channel.
struct RoundedWeight {
    /// The greatest magnitude.
    private static let most: Float = 127

    /// The numbers, in the order of the matrix.
    let numbers: [Int8]
    /// A scale for each output channel.
    let scales: [Float]
    private let channel: (Int) -> Int

    /// Rounds a matrix.
    ///
    /// - Parameter isDepthwise: Whether output channels are the columns, and not the rows.
    init(_ matrix: [Float], columns: Int, isDepthwise: Bool) {
        let channel = { (place: Int) in isDepthwise ? place % columns : place / columns }
        var scales = [Float](repeating: 0, count: isDepthwise ? columns : matrix.count / columns)
        for (place, value) in matrix.enumerated() { scales[channel(place)] = max(scales[channel(place)], abs(value)) }
        scales = scales.map { $0 > 0 ? $0 / Self.most : 1 }
        numbers = matrix.enumerated().map { place, value in
            Int8(max(-Self.most, min(Self.most, (value / scales[channel(place)]).rounded())))
        }
        self.scales = scales
        self.channel = channel
    }

    /// What the numbers stand for.
    var values: [Float] { numbers.indices.map { Float(numbers[$0]) * scales[channel($0)] } }
}

extension InferenceGraph.Step {
    /// The weight that is rounded, and whether its output channels are its columns; nil where there is none.
    var rounded: (weights: InferenceGraph.Weights, isDepthwise: Bool)? {
        switch operation {
        case .linear(let own), .convolution(let own, _): (own, false)
        case .depthwise(let own, _): (own, true)
        default: nil
        }
    }
}

extension ExtractedModel {
    /// The network that a precision leaves: what its numbers stand for, in 32 bits. Norms are folded.
    public func rounded(to precision: WeightPrecision, on backend: any Backend) -> ExtractedModel {
        let folded = folded(on: backend)
        guard precision == .int8, let graph = folded.network.inference else { return folded }
        var columns: [String: Bool] = [:]
        for step in graph.steps {
            if let (own, isDepthwise) = step.rounded { columns[own.weight.name] = isDepthwise }
        }
        return folded.replacingParameters(on: backend) { entry, values in
            guard let isDepthwise = columns[entry.name] else { return values }
            return RoundedWeight(values, columns: entry.columns, isDepthwise: isDepthwise).values
        }
    }
}
