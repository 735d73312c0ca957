/// Which values a training pass drops: a function of (seed, step, pass, site, example, position) alone.
///
/// Shards of a batch tell where their examples stand in it, so that the batch's cut does not change what is dropped.
///
/// Source: Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting" (JMLR 2014).
public struct Dropout: Sendable {
    /// Probability of dropping a value, above 0 and below 1.
    public let rate: Float
    /// The numbers of the stream `dropout`.
    public let random: CounterRandom
    /// The training step.
    public let step: UInt64
    /// The pass of the step, below 2^16.
    public let pass: UInt32
    /// The place of the first example in the batch.
    public let firstExample: Int

    /// Creates the dropout of a shard.
    public init(rate: Float, random: CounterRandom, step: UInt64, pass: Int, firstExample: Int) {
        precondition(rate > 0 && rate < 1 && pass >= 0 && pass < 1 << 16, "a rate lies between 0 and 1")
        self.rate = rate
        self.random = random
        self.step = step
        self.pass = UInt32(pass)
        self.firstExample = firstExample
    }

    /// What another row of the same pass drops.
    public func ofRow(_ row: Int) -> Dropout {
        Dropout(rate: rate, random: random, step: step, pass: Int(pass), firstExample: row)
    }
}

struct DropoutRecord {
    let x: Variable
    let y: Variable
    let factors: MatrixView
}

extension Tape {
    /// y = x with values dropped at random and the rest scaled by 1 / (1 - rate); x itself where nothing is dropped.
    ///
    /// - Parameter rowsPerExample: Rows of x that belong to one example.
    public func dropout(_ x: Variable, rowsPerExample: Int) -> Variable {
        guard let dropout else { return x }
        let y = makeVariable(rows: x.value.rows, columns: x.value.columns)
        let factors = arena.matrix(rows: x.value.rows, columns: x.value.columns)
        backend.fill(factors, by: dropout, site: dropoutSites, rowsPerExample: rowsPerExample)
        dropoutSites += 1
        backend.copy(x.value, to: y.value)
        backend.multiply(y.value, by: factors)
        operations.append(.dropout(DropoutRecord(x: x, y: y, factors: factors)))
        return y
    }

    func dropoutBackward(_ record: DropoutRecord) {
        guard arrived(record.y.index) != nil else { return }
        backend.multiply(accumulator(record.y.index).view, by: record.factors)
        pass(from: record.y.index, to: record.x.index)
        finish(record.y.index)
    }
}
