import Foundation
import Testing

@testable import nasd

/// Drawings of `nasd plot`: nothing is cut, whatever things are called.
@Suite struct DrawingTests {
    private struct Label {
        let text: String
        let left: Double
        let right: Double
    }

    /// The labels of a drawing and where they lie, a little narrower than usual fonts draw them.
    private func labels(_ drawing: String) throws -> (labels: [Label], width: Double) {
        let width = try #require(drawing.firstMatch(of: /<svg[^>]* width="([0-9.]+)"/).flatMap { Double($0.1) })
        let pattern = /<text x="([-0-9.]+)" y="[-0-9.]+" text-anchor="(\w+)" font-size="(\d+)">([^<]*)<\/text>/
        return (
            try drawing.matches(of: pattern).map { match in
                let x = try #require(Double(match.1)), size = try #require(Double(match.3))
                let extent = 0.55 * size * Double(match.4.count)
                let left = match.2 == "end" ? x - extent : match.2 == "middle" ? x - extent / 2 : x
                return Label(text: String(match.4), left: left, right: left + extent)
            }, width
        )
    }

    private func line(_ name: String, _ values: [Double]) -> SVGChart.Series {
        .init(name: name, points: values.enumerated().map { (Double($0.offset), $0.element) })
    }

    @Test func longLabelsFit() throws {
        let long = String(repeating: "abcdefgh-", count: 7) + "Z"
        let charts = [
            SVGChart(
                title: long, xName: "step of the weights", yName: "mean validation loss of all",
                series: [
                    line(long, [1, 2]), line("short", [3, 4]),
                ]),
            SVGChart(title: "t", xName: "x", yName: "y", series: [line("one", [0.123456, 0.123457])]),
        ]
        let (found, width) = try labels(SVGChart.drawing(charts, title: long + "  abcdefghijkl"))
        #expect(found.count { $0.text.contains(long) } == 3)
        for label in found { #expect(label.left >= 0 && label.right <= width, "\(label) of \(width)") }
        // What is short takes no more room than it did.
        #expect(try labels(SVGChart.drawing([charts[1]], title: "t")).width == 720)
    }

    /// Every series is named as long as there is room, and the first and the last in any case.
    @Test(arguments: [1, 13, 14, 52, 53, 1000]) func seriesAreNamed(count: Int) throws {
        let chart = SVGChart(
            title: "t", xName: "x", yName: "y", series: (1...count).map { line("series \($0)", [1, Double($0)]) })
        let (found, width) = try labels(SVGChart.drawing([chart], title: "t"))
        let names = found.filter { $0.text.hasPrefix("series ") }
        #expect(names.count == min(count, 52) && Set(names.map(\.text)).count == names.count)
        #expect(names.first?.text == "series 1" && names.last?.text == "series \(count)")
        #expect(found.allSatisfy { $0.left >= 0 && $0.right <= width })
    }

    /// Ticks are told apart, however small they are, and none is `-0`.
    @Test(arguments: [
        [0.0001, 0.00042], [1e-7, 9e-7], [0.001, 0.001], [0, 0], [-1, 1], [-2e-6, 2e-6], [1e12, 3e12], [0.97, 0.98],
    ]) func ticksAreToldApart(_ values: [Double]) throws {
        let chart = SVGChart(title: "t", xName: "x", yName: "y", series: [line("s", values)])
        let drawing = SVGChart.drawing([chart], title: "t")
        let ticks = drawing.matches(of: /text-anchor="end"[^>]*>([-0-9.e+kMG]+)</).map { String($0.1) }
        #expect(ticks.count >= 2 && Set(ticks).count == ticks.count && !ticks.contains("-0"), "\(ticks)")
    }

    /// A page has every chart as a drawing of its own, with its title, in light and dark, and nothing from elsewhere.
    @Test func aPageOfCharts() throws {
        let charts = (1...3).map {
            SVGChart(title: "chart \($0)", xName: "step", yName: "loss", series: [line("one & two", [1, Double($0)])])
        }
        let page = SVGChart.page(charts, title: "a <b> & c")
        #expect(page.hasPrefix("<!doctype html>") && page.contains("<h1>a &lt;b> &amp; c</h1>"))
        #expect(page.matches(of: #/<svg /#).count == 3 && page.matches(of: /prefers-color-scheme/).count == 4)
        for number in 1...3 { #expect(page.components(separatedBy: ">chart \(number)<").count == 2) }
        let addresses = page.matches(of: /https?:[^"]+/).map { String($0.0) }
        #expect(Set(addresses) == ["http://www.w3.org/2000/svg"] && !page.contains("<script"))
    }

    /// The best so far where it changes, and how far it holds; ties change nothing.
    @Test func theBestSoFar() {
        let values = [(1.0, 3.0), (2, 2), (3, 4), (4, 4), (5, 1), (7, 2)].map { (x: $0.0, y: $0.1) }
        let largest = RunCharts.best(values, by: >), smallest = RunCharts.best(values, by: <)
        #expect(largest.map(\.x) == [1, 3, 7] && largest.map(\.y) == [3, 4, 4])
        #expect(smallest.map(\.x) == [1, 2, 5, 7] && smallest.map(\.y) == [3, 2, 1, 1])
        #expect(RunCharts.best([(x: 1, y: 3)], by: >).count == 1 && RunCharts.best([], by: >).isEmpty)
    }

    @Test(arguments: [(-0.00001, "0.0000"), (-0.0, "0.0000"), (0.97, "0.9700"), (-0.00006, "-0.0001")])
    func numbersHaveNoSignWithoutAValue(value: Double, text: String) {
        #expect(ProgressDisplay.text(value) == text)
    }
}
