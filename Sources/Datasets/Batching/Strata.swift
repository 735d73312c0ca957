internal import Tensors

/// Examples by their classes, to draw from each its share.
public struct Strata: Sendable {
    /// The places of the examples of each class.
    let classes: [[Int32]]

    /// Sorts examples by their labels.
    public init(_ labels: [Int32], classes: Int) {
        var places = [[Int32]](repeating: [], count: classes)
        for (place, label) in labels.enumerated() { places[Int(label)].append(Int32(place)) }
        self.classes = places
    }

    /// Draws so many of each class as `count` says for its size; ascending. A function of its arguments alone.
    func draw(seed: UInt64, count: (Int) -> Int) -> [Int32] {
        var drawn: [Int32] = []
        for (label, places) in classes.enumerated() {
            var order = places
            // Each class has a draw of its own, which no other's size moves.
            var random = CounterGenerator(seed: seed, stream: .split, step: Step.draw &+ UInt64(label))
            Shuffle.shuffle(&order, &random)
            drawn += order.prefix(count(places.count))
        }
        return drawn.sorted()
    }

    /// Draws of the stream for other ends have smaller numbers.
    private enum Step {
        static let draw: UInt64 = 1 << 32
        static let spread: UInt64 = 1 << 33
        static let spreadTest: UInt64 = 1 << 34
    }

    /// All examples in an order any part of which has every class by its share, as near as whole examples go.
    ///
    /// Each example of a class in random order gets a place between 0 and 1: the j-th of n the place (j + u) / n, with one random
    /// u for the class; all are sorted by these.
    ///
    /// - Parameter isTest: Whether test examples are drawn, and not what is held out of the others.
    func spread(seed: UInt64, isTest: Bool = false) -> [Int32] {
        let first = isTest ? Step.spreadTest : Step.spread
        var keyed: [(key: Double, place: Int32)] = []
        for (label, places) in classes.enumerated() {
            var order = places
            var random = CounterGenerator(seed: seed, stream: .split, step: first &+ UInt64(label))
            Shuffle.shuffle(&order, &random)
            let offset = Double(random.next() >> 11) * 0x1p-53
            for (index, place) in order.enumerated() {
                keyed.append(((Double(index) + offset) / Double(order.count), place))
            }
        }
        return keyed.sorted { ($0.key, $0.place) < ($1.key, $1.place) }.map(\.place)
    }
}
