internal import Documents

extension SectionReader {
    /// The options of a choice of whole numbers, ascending.
    package func wholeOptions(_ key: String, in range: ClosedRange<Int>) -> [Int] {
        options(
            key, expected: "whole numbers from \(range.lowerBound) to \(range.upperBound)",
            in: Double(range.lowerBound)...Double(range.upperBound), isWhole: true
        ) {
            $0.rounded() == $0 && $0 >= Double(range.lowerBound) && $0 <= Double(range.upperBound)
        }.map { Int($0) }
    }

    /// The options of a choice of whole numbers, ascending: a list, or a number for what is fixed.
    package func wholeChoice(_ key: String, default fallback: [Int]? = nil, in range: ClosedRange<Int>) -> [Int] {
        noteChoice(key, .integer(range), default: fallback?.last.map(String.init))
        return choice(
            key, default: fallback, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)",
            number: {
                $0.rounded() == $0 && $0 >= Double(range.lowerBound) && $0 <= Double(range.upperBound) ? Int($0) : nil
            }
        ) {
            wholeOptions(key, in: range)
        }
    }

    /// The options of a choice of ratios above 0, ascending: a list, or a number for what is fixed.
    package func ratioChoice(_ key: String, atMost limit: Int) -> [Double] {
        noteChoice(key, .number(0...Double(limit), excludingLowest: true))
        return choice(
            key, expected: "a number above 0 and at most \(limit)", number: { $0 > 0 && $0 <= Double(limit) ? $0 : nil }
        ) {
            ratioOptions(key, atMost: limit)
        }
    }

    /// Notes that a key is a number or a list of such.
    private func noteChoice(_ key: String, _ number: KeyRule.Kind, default fallback: String? = nil) {
        collector.note(path(key), number, fallback: fallback)
        switch number {
        case .integer(let range):
            collector.note(path(key), .numbers(Double(range.lowerBound)...Double(range.upperBound), whole: true))
        case .number(let range, _): collector.note(path(key), .numbers(range, whole: false))
        default: break
        }
    }

    private func choice<Value>(
        _ key: String, default fallback: [Value]? = nil, expected: String, number: (Double) -> Value?,
        list: () -> [Value]
    ) -> [Value] {
        if isList(key) { return list() }
        let expected = "\(expected), or a list of such"
        guard let node = node(key, isRequired: fallback == nil, expected: expected) else { return fallback ?? [] }
        if let value = Self.number(node).flatMap(number) { return [value] }
        collector.report("expected \(expected), found \(node.kindText)", at: node.position, path: path(key))
        return []
    }

    /// The options of a choice of ratios above 0, ascending.
    package func ratioOptions(_ key: String, atMost limit: Int) -> [Double] {
        options(key, expected: "numbers above 0 and at most \(limit)", in: 0...Double(limit)) {
            $0 > 0 && $0 <= Double(limit)
        }
    }

    /// Reports ratios that leave a size times a ratio with a fraction.
    package func checkProducts(of sizes: [Int], _ sizeKey: String, with ratios: [Double], _ key: String) {
        for ratio in ratios {
            let uneven = sizes.filter { (Double($0) * ratio).rounded() != Double($0) * ratio }
            if let first = uneven.first {
                report(
                    "expected \(sizeKey) times \(key) to be whole, found \(first) times \(ShortNumber.text(ratio))",
                    key: key)
            }
        }
    }

    private func options(
        _ key: String, expected: String, in range: ClosedRange<Double>, isWhole: Bool = false,
        isValid: (Double) -> Bool
    ) -> [Double] {
        let isPresent = has(key)
        let faultsBefore = collector.count
        collector.note(path(key), .numbers(range, whole: isWhole))
        let items = list(
            key, isRequired: true, expected: "a list of \(expected)", least: "at least one option", most: .max)
        guard isPresent, collector.count == faultsBefore else { return [] }
        if items.count > 256 { report("expected at most 256 options, found \(items.count)", key: key) }
        var values: [Double] = []
        for (index, item) in items.enumerated() {
            let path = "\(path(key))[\(index)]"
            guard let value = Self.number(item), isValid(value) else {
                collector.report("expected \(expected), found \(item.kindText)", at: item.position, path: path)
                continue
            }
            if let last = values.last, value <= last {
                let problem = values.contains(value) ? "each option once" : "ascending options"
                collector.report(
                    "expected \(problem), found \(item.kindText) after '\(ShortNumber.text(last))'",
                    at: item.position, path: path)
                continue
            }
            values.append(value)
        }
        return values
    }
}
