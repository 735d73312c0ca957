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
