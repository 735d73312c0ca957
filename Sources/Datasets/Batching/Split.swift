import Tensors

/// Which training images train, which validate and which the samplers learn from.
///
/// The three lists are disjoint and cover all training images. The test images stand apart and in no list.
public struct Split: Sendable, Equatable {
    /// Indices to train on, ascending.
    public let train: [Int32]
    /// Indices to validate on, in random order, so that any prefix is a fair sample.
    public let validation: [Int32]
    /// Indices the samplers learn from, in random order.
    public let sampler: [Int32]

    /// Draws the parts held out from `0..<count`; a function of its arguments alone.
    ///
    /// - Parameters:
    ///   - validation, sampler: how many to hold out, 0 or more; at least one image must remain.
    public init(count: Int, validation: Int, sampler: Int, seed: UInt64) throws {
        let held = try Self.check(count: count, validation: validation, sampler: sampler)
        var order = (0..<Int32(count)).map { $0 }
        var random = CounterGenerator(seed: seed, stream: .split, step: 0)
        Shuffle.shuffle(&order, &random)
        self.validation = Array(order[..<validation])
        self.sampler = Array(order[validation..<held])
        train = order[held...].sorted()
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
        guard !over, held < count, count <= ImageSet.mostImages else {
            throw .invalidSplit(
                reason: "validation \(validation) and sampler \(sampler) of \(count) images "
                    + "leave none to train on")
        }
        return held
    }
}
