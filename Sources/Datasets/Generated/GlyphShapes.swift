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
