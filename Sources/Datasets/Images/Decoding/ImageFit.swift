/// How pictures of any size become images of one.
public enum ImageFit: String, Sendable, Hashable, CaseIterable {
    /// The middle of the picture in the shape that is wanted: what stands over at both ends of its longer side is cut off.
    case crop
    /// The whole picture, longer or wider than it was.
    case stretch

    /// Rows, columns and channels that are wanted.
    struct Target: Equatable {
        let height: Int
        let width: Int

        /// The same, rows for columns.
        var turned: Target { Target(height: width, width: height) }
    }

    /// The part of a picture that is taken: where it begins and how long it is, by rows and by columns.
    func part(width: Int, height: Int, for target: Target) -> (rows: ImageFilter.Part, columns: ImageFilter.Part) {
        var rows = ImageFilter.Part(start: 0, length: Double(height))
        var columns = ImageFilter.Part(start: 0, length: Double(width))
        guard self == .crop else { return (rows, columns) }
        // Exact in whole numbers: which side stands over, and by how much.
        if width * target.height > height * target.width {
            let length = Double(height * target.width) / Double(target.height)
            columns = .init(start: (Double(width) - length) / 2, length: length)
        } else if width * target.height < height * target.width {
            let length = Double(width * target.height) / Double(target.width)
            rows = .init(start: (Double(height) - length) / 2, length: length)
        }
        return (rows, columns)
    }
}

/// A weighted mean along one side, with weights that fall off as a triangle: bilinear where an image grows, and a mean over
/// all that falls on a place where it shrinks.
///
/// The place x takes the samples within max(1, s) of its centre (x + 1/2) s, for s samples a place.
struct ImageFilter {
    /// Where along a side the part that is taken begins, and how long it is, in pixels.
    struct Part: Equatable {
        let start: Double
        let length: Double
    }

    /// The first sample of each place.
    let starts: [Int]
    /// How many samples each place has.
    let counts: [Int]
    /// The weights of all places, one after the other; those of a place add up to 1.
    let weights: [Float]

    /// Weights for so many places over a part of so many samples.
    init(places: Int, over part: Part, of samples: Int) {
        let scale = part.length / Double(places), reach = max(1, scale)
        var starts: [Int] = [], counts: [Int] = [], weights: [Float] = []
        for place in 0..<places {
            let centre = part.start + (Double(place) + 0.5) * scale
            let low = max(0, Int((centre - reach).rounded(.down)))
            let high = min(samples, Int((centre + reach).rounded(.up)))
            // Nothing from outside the part that is taken, as if it was a picture of its own.
            let first = max(low, Int(part.start.rounded(.down))),
                last = min(high, Int((part.start + part.length).rounded(.up)))
            var own = (first..<last).map { (sample: Int) -> Double in
                let distance = abs(Double(sample) + 0.5 - centre)
                return max(0, 1 - distance / reach)
            }
            let sum = own.reduce(0, +)
            own = sum > 0 ? own.map { $0 / sum } : own.map { _ in 1 / Double(own.count) }
            starts.append(first)
            counts.append(own.count)
            weights += own.map(Float.init)
        }
        self.starts = starts
        self.counts = counts
        self.weights = weights
    }
}

extension DecodedImage {
    /// The picture upright, in the size that is wanted, as bytes of one channel (its brightness) or of three.
    ///
    /// The same bytes on every machine: sums have a fixed order.
    func fitted(_ target: ImageFit.Target, channels: Int, fit: ImageFit) -> [UInt8] {
        let stored = orientation.isSideways ? target.turned : target
        let part = fit.part(width: width, height: height, for: stored)
        let across = ImageFilter(places: stored.width, over: part.columns, of: width)
        let down = ImageFilter(places: stored.height, over: part.rows, of: height)
        let small = resized(across, down, to: stored)
        var bytes = [UInt8](repeating: 0, count: target.height * target.width * channels)
        var at = 0
        for row in 0..<target.height {
            for column in 0..<target.width {
                let from = orientation.stored(
                    row: row, column: column, rows: stored.height, columns: stored.width)
                let pixel = (from.row * stored.width + from.column) * 3
                if channels == 1 {
                    // Rec. 601, as JPEG has it; grey stays the grey it is.
                    let sum = 299 * small[pixel] + 587 * small[pixel + 1] + 114 * small[pixel + 2]
                    bytes[at] = Self.byte(sum / 1000)
                } else {
                    for channel in 0..<channels { bytes[at + channel] = Self.byte(small[pixel + channel]) }
                }
                at += channels
            }
        }
        return bytes
    }

    private static func byte(_ value: Float) -> UInt8 { UInt8(max(0, min(255, value.rounded()))) }

    /// Rows first, as they come, then columns; shape (rows, columns, 3).
    private func resized(_ across: ImageFilter, _ down: ImageFilter, to target: ImageFit.Target) -> [Float] {
        let needed = (down.starts.first ?? 0)..<(zip(down.starts, down.counts).map { $0 + $1 }.max() ?? 0)
        let line = target.width * 3
        var narrow = [Float](repeating: 0, count: needed.count * line)
        pixels.withUnsafeBufferPointer { source in
            narrow.withUnsafeMutableBufferPointer { narrow in
                for row in needed {
                    var weight = 0
                    for column in 0..<target.width {
                        var (red, green, blue): (Float, Float, Float) = (0, 0, 0)
                        var from = (row * width + across.starts[column]) * 3
                        for _ in 0..<across.counts[column] {
                            let share = across.weights[weight]
                            red += share * Float(source[from])
                            green += share * Float(source[from + 1])
                            blue += share * Float(source[from + 2])
                            from += 3
                            weight += 1
                        }
                        let to = (row - needed.lowerBound) * line + column * 3
                        narrow[to] = red
                        narrow[to + 1] = green
                        narrow[to + 2] = blue
                    }
                }
            }
        }
        var small = [Float](repeating: 0, count: target.height * line)
        var weight = 0
        for row in 0..<target.height {
            for sample in 0..<down.counts[row] {
                let share = down.weights[weight]
                let from = (down.starts[row] + sample - needed.lowerBound) * line
                for at in 0..<line { small[row * line + at] += share * narrow[from + at] }
                weight += 1
            }
        }
        return small
    }
}
