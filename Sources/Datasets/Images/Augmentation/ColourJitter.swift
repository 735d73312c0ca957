internal import Tensors

/// Random changes of brightness, contrast and saturation, in this order, each by a factor from 1 - x to 1 + x.
///
/// With v the value of a channel (bytes as value / 255), g the grey of its pixel (0.299 R + 0.587 G + 0.114 B of three channels,
/// the mean of another number) and m the mean of g over the image: brightness makes b v of v, contrast c v + (1 - c) m, saturation
/// s v + (1 - s) g. Bytes stay within 0 and 1.
public struct ColourJitter: Sendable, Equatable {
    /// No change.
    public static let none = ColourJitter(brightness: 0, contrast: 0, saturation: 0)

    /// The greatest share by which each changes, 0...1.
    public let brightness: Float, contrast: Float, saturation: Float

    /// Takes the shares.
    public init(brightness: Float, contrast: Float, saturation: Float) {
        self.brightness = brightness
        self.contrast = contrast
        self.saturation = saturation
    }

    /// The factors of an image.
    struct Factors: Equatable {
        var brightness: Float = 1, contrast: Float = 1, saturation: Float = 1
    }

    /// The factors of one place in the batch of one step; nil where nothing changes.
    func factors(_ random: CounterRandom, step: UInt64, index: Int) -> Factors? {
        guard self != .none else { return nil }
        let words = random.block(
            step: step, index: UInt32(truncatingIfNeeded: index), lane: Augmentation.Lane.colour)
        func factor(_ word: UInt32, _ reach: Float) -> Float { 1 + reach * (2 * word.unit - 1) }
        return Factors(
            brightness: factor(words.x, brightness), contrast: factor(words.y, contrast),
            saturation: factor(words.z, saturation))
    }
}

extension ColourJitter.Factors {
    /// Changes an image of normalised values (pixels, channels) in place.
    ///
    /// - Parameters:
    ///   - mean, scale: The normalisation: a value of the image is value / scale + mean.
    ///   - isOfBytes: Whether values stay within 0 and 1.
    func apply(
        to image: UnsafeMutableBufferPointer<Float>, mean: [Float], scale: [Float], isOfBytes: Bool
    ) {
        let channels = mean.count, pixels = image.count / channels
        func bounded(_ value: Float) -> Float { isOfBytes ? Swift.min(1, Swift.max(0, value)) : value }
        func grey(_ pixel: Int) -> Float {
            let at = pixel * channels
            guard channels == 3 else {
                var sum: Float = 0
                for channel in 0..<channels { sum += image[at + channel] }
                return sum / Float(channels)
            }
            return 0.299 * image[at] + 0.587 * image[at + 1] + 0.114 * image[at + 2]
        }
        var total = 0.0
        for pixel in 0..<pixels {
            for channel in 0..<channels {
                let at = pixel * channels + channel
                image[at] = bounded(brightness * (image[at] / scale[channel] + mean[channel]))
            }
            total += Double(grey(pixel))
        }
        let middle = Float(total / Double(pixels))
        for pixel in 0..<pixels {
            let at = pixel * channels
            for channel in 0..<channels {
                image[at + channel] = bounded(contrast * image[at + channel] + (1 - contrast) * middle)
            }
            let own = grey(pixel)
            for channel in 0..<channels {
                let value = bounded(saturation * image[at + channel] + (1 - saturation) * own)
                image[at + channel] = (value - mean[channel]) * scale[channel]
            }
        }
    }
}
