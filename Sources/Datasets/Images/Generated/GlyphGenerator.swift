internal import Tensors

/// Draws a data set that needs no files: ten classes of 28 x 28 x 1 images of stroked figures.
///
/// Image i of a part is a pure function of (seed, part, i): size, turn, slant, place, thickness, ink, clutter and
/// noise vary. Position and turn vary enough that a linear classifier on pixels stays well behind networks that see
/// local strokes.
public struct GlyphGenerator: Sendable {
    /// Which of the two disjoint families of images is meant.
    public enum Part: UInt64, Sendable {
        /// Images to train and validate on.
        case train = 0
        /// Images to test on.
        case test = 1
    }

    /// The number of classes.
    public static let classes = 10
    /// Rows and columns of an image.
    public static let side = GlyphCanvas.side
    /// The seed of all images.
    public let seed: UInt64

    /// Creates the generator of one seed.
    public init(seed: UInt64) { self.seed = seed }

    /// What ``images(_:count:)`` makes.
    public static func layout(count: Int) -> ImageLayout {
        ImageLayout(count: count, height: side, width: side, channels: 1, valueBytes: 1)
    }

    /// Draws images 0..<count of a part; labels go round the classes, so any prefix is balanced.
    ///
    /// - Parameter watch: Who looks on.
    /// - Throws: `DatasetError` for a count that is none, and when whoever looks on ends it.
    public func images(_ part: Part, count: Int, watch: ReadingWatch = .nobody) throws -> ImageSet {
        guard (1...ImageSet.mostImages).contains(count) else {
            throw DatasetError.invalidSetting(
                name: "number of glyph images", value: "\(count)", allowed: "1...\(ImageSet.mostImages)")
        }
        let size = Self.side * Self.side
        try Checked.room(count * size, file: "glyphs")
        var pixels = [UInt8](repeating: 0, count: count * size)
        var canvas = GlyphCanvas()
        for index in 0..<count {
            if index % 256 == 0 { try watch.check() }
            draw(part, index: index, on: &canvas, into: &pixels, at: index * size)
        }
        return try ImageSet(
            height: Self.side, width: Self.side, channels: 1, pixels: .bytes(pixels),
            labels: (0..<count).map { Int32($0 % Self.classes) }, classes: Self.classes, name: "glyphs")
    }

    /// The 784 pixels, 0...255, of one image; its label is `index % 10`.
    public func image(_ part: Part, index: Int) -> [UInt8] {
        var pixels = [UInt8](repeating: 0, count: Self.side * Self.side)
        var canvas = GlyphCanvas()
        draw(part, index: max(0, index), on: &canvas, into: &pixels, at: 0)
        return pixels
    }

    private func draw(
        _ part: Part, index: Int, on canvas: inout GlyphCanvas, into pixels: inout [UInt8], at start: Int
    ) {
        // The part is the upper word of the step, so no image of one part repeats in the other.
        var random = CounterGenerator(seed: seed, stream: .glyphs, step: part.rawValue << 32 | UInt64(index))
        canvas.clear()
        let warp = Warp(&random)
        let radius = Self.uniform(0.6, 1.3, &random)
        let ink = Self.uniform(0.7, 1, &random)
        for stroke in GlyphShapes.strokes[index % Self.classes] {
            for (from, to) in zip(stroke, stroke.dropFirst()) {
                canvas.line(from: warp.apply(from), to: warp.apply(to), radius: radius, ink: ink)
            }
        }
        addClutter(to: &canvas, &random)
        writeNoisy(canvas, into: &pixels, at: start, &random)
    }

    /// One to three short strokes, fainter and thinner than the figure.
    private func addClutter(to canvas: inout GlyphCanvas, _ random: inout CounterGenerator) {
        let most = Float(Self.side - 1)
        let count = Int(Self.uniform(1, 4, &random))
        for _ in 0..<count {
            let from = SIMD2(Self.uniform(0, most, &random), Self.uniform(0, most, &random))
            let to = from + SIMD2(Self.uniform(-5, 5, &random), Self.uniform(-5, 5, &random))
            canvas.line(from: from, to: to, radius: 0.5, ink: Self.uniform(0.3, 0.7, &random))
        }
    }

    private func writeNoisy(
        _ canvas: GlyphCanvas, into pixels: inout [UInt8], at start: Int, _ random: inout CounterGenerator
    ) {
        var bits: UInt64 = 0
        for index in canvas.coverage.indices {
            if index % 2 == 0 { bits = random.next() }
            // Four bytes add up to something near enough to a normal draw: mean 510, deviation 148.
            var sum: UInt64 = 0
            for _ in 0..<4 {
                sum += bits & 0xFF
                bits >>= 8
            }
            let noise = (Float(sum) - 510) * (14.0 / 148)
            let value = canvas.coverage[index] * 255 + noise
            pixels[start + index] = UInt8(min(255, max(0, value.rounded())))
        }
    }

    static func uniform(_ low: Float, _ high: Float, _ random: inout CounterGenerator) -> Float {
        low + (high - low) * (Float(random.next() >> 40) * 0x1p-24)
    }

    /// From the square of a shape to pixels.
    private struct Warp {
        let across: SIMD2<Float>
        let down: SIMD2<Float>
        let centre: SIMD2<Float>

        init(_ random: inout CounterGenerator) {
            // The tangent of half the angle gives sine and cosine by divisions alone, the same on every processor.
            let half = uniform(-0.2, 0.2, &random)
            let cosine = (1 - half * half) / (1 + half * half)
            let sine = 2 * half / (1 + half * half)
            let scale = uniform(6, 10.5, &random)
            let wide = scale * uniform(0.8, 1.2, &random)
            let slant = uniform(-0.25, 0.25, &random)
            across = SIMD2(cosine, sine) * wide
            down = SIMD2(cosine * slant - sine, sine * slant + cosine) * scale
            let middle = Float(GlyphCanvas.side - 1) / 2
            centre = SIMD2(middle + uniform(-4, 4, &random), middle + uniform(-4, 4, &random))
        }

        func apply(_ point: SIMD2<Float>) -> SIMD2<Float> {
            across * point.x + down * point.y + centre
        }
    }
}
