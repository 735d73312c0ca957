internal import UserFiles

/// Points drawn with characters, with the ends of both axes written beside them.
struct CharacterPlot {
    /// A point.
    struct Point: Hashable {
        var x: Double
        var y: Double
    }

    /// The points; those that are not finite are left out.
    let points: [Point]
    /// What is drawn to the right.
    let xName: String
    /// What is drawn upwards.
    let yName: String

    /// The lines of the plot within so many columns and rows, axes and labels included; none when there is no room.
    func lines(width: Int, height: Int) -> [String] {
        let points = points.filter { $0.x.isFinite && $0.y.isFinite }
        guard let x = Self.range(points.map(\.x)), let y = Self.range(points.map(\.y)) else { return [] }
        let labels = (low: NumberText.short(y.low), high: NumberText.short(y.high))
        let margin = max(DisplayWidth.of(labels.low), DisplayWidth.of(labels.high))
        // Beside the picture: label, space, bar. Below: axis and labels. Above: the name.
        let columns = width - margin - 2
        let rows = height - 3
        guard columns >= 8, rows >= 2, margin + 1 + DisplayWidth.of(yName) <= width else { return [] }
        // No label is cut: where there is no room for both ends of the axis, the one with its name stays.
        var low = NumberText.short(x.low)
        let high = "\(NumberText.short(x.high)) \(xName)"
        if DisplayWidth.of(low) + 1 + DisplayWidth.of(high) > columns + 1 { low = "" }
        guard DisplayWidth.of(high) <= columns + 1 else { return [] }
        var picture = [[Character]](repeating: [Character](repeating: " ", count: columns), count: rows)
        for point in points {
            let column = Self.place(point.x, in: x, of: columns)
            let row = rows - 1 - Self.place(point.y, in: y, of: rows)
            picture[row][column] = "*"
        }
        var lines = [String(repeating: " ", count: margin + 1) + yName]
        for (row, characters) in picture.enumerated() {
            let label = row == 0 ? labels.high : row == rows - 1 ? labels.low : ""
            var text = String(characters)
            while text.hasSuffix(" ") { text.removeLast() }
            lines.append(DisplayWidth.pad(label, to: margin, alignsRight: true) + " |" + text)
        }
        let indent = String(repeating: " ", count: margin + 1)
        lines.append(indent + "+" + String(repeating: "-", count: columns))
        let space = columns + 1 - DisplayWidth.of(low) - DisplayWidth.of(high)
        lines.append(indent + low + String(repeating: " ", count: space) + high)
        return lines
    }

    // The ends of an axis; equal values get room around them.
    private static func range(_ values: [Double]) -> (low: Double, high: Double)? {
        guard let low = values.min(), let high = values.max() else { return nil }
        if low < high { return (low, high) }
        let room = max(abs(low) * 0.05, 1e-3)
        return (low - room, low + room)
    }

    private static func place(_ value: Double, in range: (low: Double, high: Double), of cells: Int) -> Int {
        // Halves first: the distance of the ends may be beyond what a number holds.
        let share = (value / 2 - range.low / 2) / (range.high / 2 - range.low / 2)
        return min(max(0, Int((share * Double(cells - 1)).rounded())), cells - 1)
    }
}
