import API
import TestSupport
import Testing
import UserFiles

@testable import nas_ctl

@Suite struct PlotTests {
    private func plot(_ points: [(Double, Double)]) -> CharacterPlot {
        CharacterPlot(points: points.map { .init(x: $0.0, y: $0.1) }, xName: "multiplyAdds", yName: "accuracy")
    }

    @Test func pointsStandWhereTheyBelong() {
        let lines = plot([(0, 0), (5, 5), (10, 10)]).lines(width: 24, height: 8)
        #expect(
            lines
                == [
                    "   accuracy", "10 |                   *", "   |", "   |          *", "   |", " 0 |*",
                    "   +--------------------", "   0     10 multiplyAdds",
                ])
    }

    @Test func nothingAndOneAndNoRoom() {
        #expect(plot([]).lines(width: 40, height: 10).isEmpty)
        #expect(plot([(.nan, 1), (1, .infinity)]).lines(width: 40, height: 10).isEmpty)
        #expect(plot([(7, 0.97)]).lines(width: 40, height: 10).filter { $0.contains("*") }.count == 1)
        #expect(plot([(1, 1), (2, 2)]).lines(width: 10, height: 10).isEmpty)
        #expect(plot([(1, 1), (2, 2)]).lines(width: 40, height: 4).isEmpty)
        #expect(
            !plot([(-.greatestFiniteMagnitude, 0), (.greatestFiniteMagnitude, 1)]).lines(width: 40, height: 9).isEmpty)
    }

    @Test func sizesAreKept() {
        var generator = SeededGenerator(3)
        for _ in 0..<300 {
            let points = (0..<Int.random(in: 1...60, using: &generator)).map { _ in
                (Double.random(in: -1e9...1e9, using: &generator), Double.random(in: 0...1, using: &generator))
            }
            let width = Int.random(in: 1...150, using: &generator), height = Int.random(in: 1...50, using: &generator)
            let lines = plot(points).lines(width: width, height: height)
            #expect(lines.count <= height && lines.allSatisfy { DisplayWidth.of($0) <= width })
        }
    }

    @Test func barsShowTheirShare() {
        #expect(ProgressBar.text(5, of: 20, width: 8) == "[##......]")
        #expect(ProgressBar.text(30, of: 20, width: 4) == "[####]" && ProgressBar.text(1, of: 0, width: 4) == "[....]")
        #expect(ProgressBar.bar(.nan, width: 3) == "   ")
    }
}
