internal import Documents
internal import Foundation
internal import SearchSpaces

/// A chart as SVG: axes with a few ticks, and lines, steps, points or stacked areas in the colours of a scale.
struct SVGChart {
    /// One list of points and how it is drawn.
    struct Series {
        enum Mark {
            case line
            case steps
            case area(base: [Double])
            /// A line, and at each point a bar so far up and down.
            case intervals(halfWidths: [Double])
            /// A line on a pale band.
            case band(lower: [Double], upper: [Double])
        }

        let name: String
        let points: [(x: Double, y: Double)]
        var mark = Mark.line

        /// What the y axis has to reach.
        fileprivate var ys: [Double] {
            switch mark {
            case .intervals(let halfWidths): zip(points, halfWidths).flatMap { [$0.y - $1, $0.y + $1] }
            case .band(let lower, let upper): points.map(\.y) + lower + upper
            default: points.map(\.y)
            }
        }
    }

    let title: String
    let xName: String
    let yName: String
    var series: [Series]
    /// The range of y; nil for that of the points.
    var yRange: ClosedRange<Double>?

    /// Whether there is anything to draw.
    var isDrawn: Bool { series.contains { !$0.points.isEmpty } }

    /// What stands beside the plots of a drawing, as wide as the longest label needs.
    struct Margins {
        /// For labels of the y axis.
        var left = 70.0
        /// For the names of the series.
        var right = 150.0
    }

    static let plotWidth = 500.0, height = 274.0
    private static let top = 44.0, bottom = 42.0
    private static let labelSize = 11, titleSize = 14, headSize = 16
    /// Names that fit below one another, and columns of them: where there are more, every n-th is named.
    private static let namesOfAColumn = 13, mostColumns = 4

    /// The chart as a group at a height of the drawing.
    func svg(at y: Double, margins: Margins) -> String {
        let xs = Self.range(series.flatMap(\.points).map(\.x)), ys = yValues
        let left = margins.left, plotWidth = Self.plotWidth, plotHeight = Self.height - Self.top - Self.bottom
        func place(_ point: (x: Double, y: Double)) -> (Double, Double) {
            (
                left + plotWidth * (point.x - xs.lowerBound) / (xs.upperBound - xs.lowerBound),
                Self.top + plotHeight * (1 - (point.y - ys.lowerBound) / (ys.upperBound - ys.lowerBound))
            )
        }
        var text = "<g transform=\"translate(0 \(Self.number(y)))\">\n"
        text += Self.label(title, left, 18, size: Self.titleSize)
        for tick in Self.ticks(ys) {
            let (_, at) = place((xs.lowerBound, tick))
            text += Self.line(left, at, left + plotWidth, at)
            text += Self.label(Self.short(tick), left - 6, at + 4, anchor: "end")
        }
        for tick in Self.ticks(xs) {
            let (at, _) = place((tick, ys.lowerBound))
            text += Self.label(Self.short(tick), at, Self.top + plotHeight + 16, anchor: "middle")
        }
        text += Self.label(xName, left + plotWidth / 2, Self.height - 8, anchor: "middle")
        text += Self.label(yName, left, Self.top - 8)
        for (index, one) in series.enumerated() { text += draw(one, Self.colour(index, of: series.count), place) }
        var x = left + plotWidth
        for column in names {
            for (row, index) in column.enumerated() {
                let at = Self.top + 12 + 16 * Double(row)
                text += "<rect x=\"\(Self.number(x + 12))\" y=\"\(Self.number(at - 9))\" width=\"10\" height=\"10\" "
                text += "fill=\"\(Self.colour(index, of: series.count))\"/>\n"
                text += Self.label(series[index].name, x + 28, at)
            }
            x += width(ofNames: column)
        }
        return text + "</g>\n"
    }

    /// What the chart needs beside its plot.
    var margins: Margins {
        let ticks = Self.ticks(yValues).map { Self.extent(Self.short($0)) + 6 }
        return Margins(
            left: 4 + ticks.reduce(0, max),
            right: [
                names.map(width(ofNames:)).reduce(0, +), Self.extent(title, size: Self.titleSize) - Self.plotWidth,
                Self.extent(yName) - Self.plotWidth,
            ].reduce(0, max))
    }

    private var yValues: ClosedRange<Double> { yRange ?? Self.range(series.flatMap(\.ys)) }

    /// The series that are named, column by column.
    private var names: [[Int]] {
        let most = Self.namesOfAColumn * Self.mostColumns
        let named =
            series.count <= most
            ? Array(series.indices) : (0..<most).map { $0 * (series.count - 1) / (most - 1) }
        return stride(from: 0, to: named.count, by: Self.namesOfAColumn).map {
            Array(named[$0..<min($0 + Self.namesOfAColumn, named.count)])
        }
    }

    private func width(ofNames column: [Int]) -> Double {
        36 + column.map { Self.extent(series[$0].name) }.reduce(0, max)
    }

    /// A drawing of charts, one below the other.
    static func drawing(_ charts: [SVGChart], title: String) -> String {
        let head = title.isEmpty ? 0.0 : 30
        let full = height * Double(charts.count) + head
        var margins = Margins()
        for needed in charts.map(\.margins) {
            margins.left = max(margins.left, needed.left)
            margins.right = max(margins.right, needed.right)
        }
        let width = max(margins.left + plotWidth + margins.right, 24 + extent(title, size: headSize)).rounded(.up)
        var text = """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(number(width))" height="\(number(full))" \
            viewBox="0 0 \(number(width)) \(number(full))" font-family="sans-serif" font-size="11">
            \(style)
            <rect class="sheet" width="100%" height="100%" fill="white"/>

            """
        if !title.isEmpty { text += label(title, 12, 20, size: headSize) }
        for (index, chart) in charts.enumerated() {
            text += chart.svg(at: head + height * Double(index), margins: margins)
        }
        return text + "</svg>\n"
    }

    /// A page of charts, as many beside one another as its width has room for; it needs nothing but itself.
    static func page(_ charts: [SVGChart], title: String) -> String {
        let name = shown(title).replacing("&", with: "&amp;").replacing("<", with: "&lt;")
        let figures = charts.map { "<figure>\n\(drawing([$0], title: ""))</figure>\n" }.joined()
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>\(name)</title>
            <style>
            body { margin: 0; padding: 24px; background: #f6f6f4; color: #1b1d20; font: 15px/1.5 system-ui, sans-serif; }
            h1 { font-size: 1.3rem; font-weight: 600; margin: 0 0 18px; }
            main { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 560px), 1fr)); gap: 18px; }
            figure { margin: 0; padding: 12px; background: #fff; border: 1px solid #e4e4e0; border-radius: 8px; }
            svg { display: block; width: 100%; height: auto; }
            @media (prefers-color-scheme: dark) {
              body { background: #121416; color: #e9eaeb; }
              figure { background: #1a1d20; border-color: #2d3236; }
            }
            </style>
            </head>
            <body>
            <h1>\(name)</h1>
            <main>
            \(figures)</main>
            </body>
            </html>

            """
    }

    /// What is written and ruled, for light and for dark; attributes say the same as the light for whoever reads no styles.
    private static let style = """
        <style>text{fill:#1b1d20}.sheet{fill:#fff}.rule{stroke:#ddd}\
        @media(prefers-color-scheme:dark){text{fill:#e9eaeb}.sheet{fill:#1a1d20}.rule{stroke:#363c42}}</style>
        """

    private func draw(
        _ series: Series, _ colour: String, _ place: ((x: Double, y: Double)) -> (Double, Double)
    ) -> String {
        guard !series.points.isEmpty else { return "" }
        var corners: [(Double, Double)] = []
        for (index, point) in series.points.enumerated() {
            if case .steps = series.mark, index > 0 { corners.append(place((point.x, series.points[index - 1].y))) }
            corners.append(place(point))
        }
        if case .area(let base) = series.mark {
            corners += zip(series.points, base).reversed().map { place(($0.x, $1)) }
            return "<polygon points=\"\(Self.path(corners))\" fill=\"\(colour)\"/>\n"
        }
        var stroke =
            "<polyline points=\"\(Self.path(corners))\" fill=\"none\" stroke=\"\(colour)\" stroke-width=\"1.5\"/>\n"
        if case .intervals(let halfWidths) = series.mark {
            for (point, half) in zip(series.points, halfWidths) {
                let ends = [place((point.x, point.y - half)), place((point.x, point.y + half))]
                stroke += "<polyline points=\"\(Self.path(ends))\" fill=\"none\" stroke=\"\(colour)\"/>\n"
            }
        }
        if case .band(let lower, let upper) = series.mark {
            let outline =
                zip(series.points, lower).map { place(($0.x, $1)) }
                + zip(series.points, upper).reversed().map { place(($0.x, $1)) }
            stroke =
                "<polygon points=\"\(Self.path(outline))\" fill=\"\(colour)\" fill-opacity=\"0.15\"/>\n" + stroke
        }
        guard series.points.count < 60 else { return stroke }
        return stroke
            + series.points.map(place).map {
                "<circle cx=\"\(Self.number($0.0))\" cy=\"\(Self.number($0.1))\" r=\"2\" fill=\"\(colour)\"/>\n"
            }.joined()
    }

    private static func path(_ corners: [(Double, Double)]) -> String {
        corners.map { "\(number($0.0)),\(number($0.1))" }.joined(separator: " ")
    }

    /// From green over blue to violet, of a lightness that is read on white and on black.
    private static func colour(_ index: Int, of count: Int) -> String {
        let share = count > 1 ? Double(index) / Double(count - 1) : 1
        let stops: [(Double, Double, Double)] = [(104, 166, 30), (24, 148, 140), (72, 112, 218), (174, 76, 196)]
        let place = share * Double(stops.count - 1)
        let low = min(Int(place), stops.count - 2), part = place - Double(low)
        func mix(_ a: Double, _ b: Double) -> Int { Int((a + (b - a) * part).rounded()) }
        let (a, b) = (stops[low], stops[low + 1])
        return "rgb(\(mix(a.0, b.0)),\(mix(a.1, b.1)),\(mix(a.2, b.2)))"
    }

    private static func range(_ values: [Double]) -> ClosedRange<Double> {
        guard let low = values.min(), let high = values.max() else { return 0...1 }
        let room = low == 0 ? 0.5 : abs(low) / 2
        return low < high ? low...high : low - room...high + room
    }

    /// Three to seven round numbers within a range.
    private static func ticks(_ range: ClosedRange<Double>) -> [Double] {
        let width = range.upperBound - range.lowerBound
        let power = pow(10, (log10(width / 4)).rounded(.down))
        let step = [1, 2, 5, 10].map { $0 * power }.first { width / $0 <= 6 } ?? width
        let first = (range.lowerBound / step).rounded(.up)
        return stride(from: first, through: range.upperBound / step + 1e-9, by: 1).map { $0 * step }
    }

    private static func short(_ value: Double) -> String {
        for (unit, least, size) in [("G", 1e9, 1e9), ("M", 1e6, 1e6), ("k", 1e4, 1e3)] where abs(value) >= least {
            return digits(value / size) + unit
        }
        return digits(value)
    }

    /// The digits that tell a tick from its neighbours; never `-0`.
    private static func digits(_ value: Double) -> String { value == 0 ? "0" : String(format: "%.6g", value) }

    private static func number(_ value: Double) -> String {
        let rounded = (value * 1000).rounded() / 1000
        return rounded == rounded.rounded() && abs(rounded) < 1e15 ? String(Int(rounded)) : String(rounded)
    }

    private static func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) -> String {
        "<line x1=\"\(number(x1))\" y1=\"\(number(y1))\" x2=\"\(number(x2))\" y2=\"\(number(y2))\" class=\"rule\" stroke=\"#ddd\"/>\n"
    }

    private static func label(
        _ text: String, _ x: Double, _ y: Double, anchor: String = "start", size: Int = labelSize
    ) -> String {
        let safe = shown(text).replacing("&", with: "&amp;").replacing("<", with: "&lt;")
        return
            "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\" font-size=\"\(size)\">\(safe)</text>\n"
    }

    /// The text as it is drawn.
    private static func shown(_ text: String) -> String { TerminalText.escaped(text) }

    private static func extent(_ text: String, size: Int = labelSize) -> Double {
        TextExtent.width(shown(text), size: Double(size))
    }
}

/// How wide text is drawn, so that there is room for it.
enum TextExtent {
    /// At most so many pixels in a sans-serif font, of which none that is usual is wider than DejaVu Sans.
    ///
    /// - Parameter size: The size of the font in pixels.
    static func width(_ text: String, size: Double) -> Double { text.reduce(0) { $0 + share($1) } * size }

    /// The width of a character as a share of the size of the font.
    private static func share(_ character: Character) -> Double {
        guard character.isASCII else { return 1.25 }
        return switch character {
        case "i", "j", "l", "I", "'": 0.3
        case "f", "r", "t", " ", ".", ",", ":", ";", "!", "|", "(", ")", "[", "]", "/", "\\", "-", "\"": 0.46
        case "m", "w", "M", "W", "@", "%": 1
        case "A"..."Z", "&", "=", "+", "<", ">", "~", "#": 0.84
        default: 0.65
        }
    }
}
