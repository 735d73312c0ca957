internal import Tensors

/// Which training examples train, which validate and which the samplers learn from.
///
/// The three lists are disjoint and cover all training examples. The test examples stand apart and in no list.
public struct Split: Sendable, Equatable {
    /// The most examples a set can have: their places are 32 bits wide.
    public static let mostExamples = Int(Int32.max)

    /// Indices to train on, ascending.
    public let train: [Int32]
    /// Indices to validate on, in random order, so that any prefix is a fair sample.
    public let validation: [Int32]
    /// Indices the samplers learn from, in random order.
    public let sampler: [Int32]

    /// Draws the parts held out from `0..<count`; a function of its arguments alone.
    ///
    /// - Parameters:
    ///   - validation, sampler: how many to hold out, 0 or more; at least one example must remain.
    ///   - strata: The examples by their classes, to hold out of each its share, and so any prefix of what is held out; nil
    ///     draws them all alike.
    public init(count: Int, validation: Int, sampler: Int, seed: UInt64, strata: Strata? = nil) throws {
        let held = try Self.check(count: count, validation: validation, sampler: sampler)
        var order: [Int32]
        if let strata {
            order = strata.spread(seed: seed)
        } else {
            order = (0..<Int32(count)).map { $0 }
            var random = CounterGenerator(seed: seed, stream: .split, step: 0)
            Shuffle.shuffle(&order, &random)
        }
        self.validation = Array(order[..<validation])
        self.sampler = Array(order[validation..<held])
        train = order[held...].sorted()
    }

    /// So many examples of ``train``, or all of them, in random order: to choose settings on before others are measured on
    /// ``validation``.
    public func choice(_ count: Int, seed: UInt64) -> [Int32] {
        var order = train
        var random = CounterGenerator(seed: seed, stream: .split, step: 1)
        Shuffle.shuffle(&order, &random)
        return Array(order.prefix(count))
    }

    /// So many of some examples, or all of them, in random order: those that statistics are measured on.
    public static func calibration(_ count: Int, of train: [Int32]) -> [Int32] {
        var order = train
        var random = CounterGenerator(seed: 0, stream: .split, step: 2)
        Shuffle.shuffle(&order, &random)
        return Array(order.prefix(count))
    }

    /// Checks sizes held out of so many images.
    ///
    /// - Returns: How many are held out in all.
    /// - Throws: `DatasetError.invalidSplit`.
    @discardableResult
    static func check(count: Int, validation: Int, sampler: Int) throws(DatasetError) -> Int {
        guard validation >= 0, sampler >= 0 else {
            throw .invalidSplit(
                reason: "sizes must not be negative (validation \(validation), sampler \(sampler))")
        }
        let (held, over) = validation.addingReportingOverflow(sampler)
        guard !over, held < count, count <= mostExamples else {
            throw .invalidSplit(
                reason: "validation \(validation) and sampler \(sampler) of \(count) examples "
                    + "leave none to train on")
        }
        return held
    }
}

/// Permutations that stay the same whatever the standard library does in later versions.
enum Shuffle {
    /// Reorders the values by Fisher and Yates; allocates nothing.
    static func shuffle(_ values: inout [Int32], _ random: inout CounterGenerator) {
        guard values.count > 1 else { return }
        for last in stride(from: values.count - 1, to: 0, by: -1) {
            // The high half of the product maps 64 bits to 0...last; the bias, below last / 2^64, cannot show.
            let pick = Int(random.next().multipliedFullWidth(by: UInt64(last + 1)).high)
            values.swapAt(last, pick)
        }
    }
}

/// Guards unchecked loops over examples against places of another set.
enum IndexCheck {
    static func check(_ indices: ArraySlice<Int32>, count: Int) throws(DatasetError) {
        for index in indices where index < 0 || Int(index) >= count {
            throw .invalidSetting(name: "example index", value: "\(index)", allowed: "0..<\(count)")
        }
    }
}
