/// One image being drawn: the coverage of each pixel, 0...1.
struct GlyphCanvas {
    typealias Point = SIMD2<Float>

    static let side = 28

    private(set) var coverage = [Float](repeating: 0, count: side * side)

    mutating func clear() {
        for index in coverage.indices { coverage[index] = 0 }
    }

    /// Draws a line with round ends; coverage falls from 1 to 0 over one pixel at the edge.
    ///
    /// - Parameters:
    ///   - from, to: in pixels; the centre of the first pixel is (0, 0).
    ///   - radius: half the thickness, in pixels.
    ///   - ink: the coverage inside the line, 0...1.
    mutating func line(from start: Point, to end: Point, radius: Float, ink: Float) {
        let reach = radius + 0.5
        let low = Point(min(start.x, end.x), min(start.y, end.y)) - reach
        let high = Point(max(start.x, end.x), max(start.y, end.y)) + reach
        let columns = Self.clip(low.x, high.x)
        let rows = Self.clip(low.y, high.y)
        guard let columns, let rows else { return }
        let along = end - start
        let squared = (along * along).sum()
        for row in rows {
            for column in columns {
                let offset = Point(Float(column), Float(row)) - start
                let position = squared > 0 ? min(1, max(0, (offset * along).sum() / squared)) : 0
                let gap = offset - along * position
                let distance = (gap * gap).sum().squareRoot()
                let value = min(1, max(0, reach - distance)) * ink
                let index = row * Self.side + column
                // The larger wins, so that strokes that cross do not add up.
                if value > coverage[index] { coverage[index] = value }
            }
        }
    }

    private static func clip(_ low: Float, _ high: Float) -> ClosedRange<Int>? {
        let first = max(0, Int(low.rounded(.up)))
        let last = min(side - 1, Int(high.rounded(.down)))
        return first <= last ? first...last : nil
    }
}

/// The strokes of the ten glyph classes, as polylines in the square from -1 to 1, y downwards.
enum GlyphShapes {
    typealias Point = SIMD2<Float>

    static let names = ["ring", "plus", "triangle", "square", "zed", "tee", "spiral", "comb", "fork", "aitch"]

    /// The polylines of each class.
    static let strokes: [[[Point]]] = [
        [arc(turns: 16, from: 0.9, growth: 0)],
        [[[-0.9, 0], [0.9, 0]], [[0, -0.9], [0, 0.9]]],
        [[[0, -0.85], [0.85, 0.75], [-0.85, 0.75], [0, -0.85]]],
        [[[-0.75, -0.75], [0.75, -0.75], [0.75, 0.75], [-0.75, 0.75], [-0.75, -0.75]]],
        [[[-0.75, -0.8], [0.75, -0.8], [-0.75, 0.8], [0.75, 0.8]]],
        [[[-0.8, -0.8], [0.8, -0.8]], [[0, -0.8], [0, 0.9]]],
        [arc(turns: 28, from: 0.12, growth: 0.03)],
        [[[0.7, -0.85], [-0.7, -0.85], [-0.7, 0.85], [0.7, 0.85]], [[-0.7, 0], [0.6, 0]]],
        [[[-0.75, -0.85], [0, 0]], [[0.75, -0.85], [0, 0]], [[0, 0], [0, 0.9]]],
        [[[-0.65, -0.85], [-0.65, 0.85]], [[0.65, -0.85], [0.65, 0.85]], [[-0.65, 0], [0.65, 0]]],
    ]

    /// Points around the centre, each 22.5 degrees after the other.
    ///
    /// The rotation is by literal constants: sine and cosine of the C library may differ between processors,
    /// and the images are to be the same bytes everywhere.
    private static func arc(turns: Int, from radius: Float, growth: Float) -> [Point] {
        let cosine: Float = 0.923_879_5
        let sine: Float = 0.382_683_43
        var direction = Point(1, 0)
        var points: [Point] = []
        for index in 0...turns {
            points.append(direction * (radius + growth * Float(index)))
            direction = Point(
                direction.x * cosine - direction.y * sine, direction.x * sine + direction.y * cosine)
        }
        return points
    }
}
