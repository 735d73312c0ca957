/// Where a norm over channels takes its mean and variance from.
public enum NormStatistics {
    /// The rows that are normalised: ghost batch norm, where these are a shard of a batch.
    case own
    /// The rows that are normalised; their moments are told, with the number of rows.
    case told((Moments, _ rows: Int) -> Void)
    /// What was measured before: two rows of one value a channel.
    case fixed(mean: MatrixView, variance: MatrixView)
}

/// Rows that are computed one tile after the other, so that what is read again is still in the cache.
enum RowTiles {
    /// Floats of a tile, half a mebibyte of them in a second-level cache.
    private static let floats = 1 << 17
    /// Rows of a tile at least, so that products do not pack their weights too often; with tiles of moments in whole numbers.
    private static let least = 256

    /// Hands out ranges of rows in order, each a multiple of `unit` rows but for the last.
    static func forEach(rows: Int, columns: Int, unit: Int = 64, _ body: (Range<Int>) -> Void) {
        let size = size(columns: columns, unit: unit)
        var start = 0
        while start < rows {
            let end = min(start + size, rows)
            body(start..<end)
            start = end
        }
    }

    /// Rows of the largest range.
    static func size(rows: Int, columns: Int) -> Int { min(rows, size(columns: columns, unit: 64)) }

    private static func size(columns: Int, unit: Int) -> Int {
        max(unit, max(least, floats / max(1, columns)) / unit * unit)
    }
}

extension MatrixView {
    /// Some rows, in place.
    func rows(_ range: Range<Int>) -> MatrixView {
        block(row: range.lowerBound, column: 0, rows: range.count, columns: columns)
    }
}

struct ChannelNormRecord {
    let z: Variable
    let y: Variable
    let shortcut: Variable?
    let gain: Parameter
    let offset: Parameter
    let activation: MapActivation
    let statistics: MatrixView
}

struct ActivationRecord {
    let x: Variable
    let y: Variable
    let activation: MapActivation
    let constants: MatrixView
}

extension Tape {
    /// Room for moments that ``linear(_:weight:bias:activation:tallying:)`` and ``depthwise(_:weight:_:tallying:)`` take.
    public func moments(columns: Int) -> Moments { Moments(columns: columns, in: arena) }

    /// y = activation((z - mean) / sqrt(variance + epsilon) * gain + offset) + shortcut, channel by channel over all pixels
    /// of all images, with the biased variance.
    ///
    /// Only a norm by the statistics of its own rows has a backward. z is not needed any more unless recording: y may
    /// take its place.
    ///
    /// Shapes: z, y and shortcut (images * pixels, channels), gain and offset (1, channels).
    ///
    /// Source: Ioffe and Szegedy, "Batch Normalization" (ICML 2015), algorithm 1; groups smaller than the batch: Hoffer et
    /// al., "Train longer, generalize better" (NeurIPS 2017), section 4.
    ///
    /// - Parameter taken: The moments of z where the layer that computed it has taken them.
    public func channelNorm(
        _ z: Variable, gain: Parameter, offset: Parameter, activation: MapActivation = .none,
        shortcut: Variable? = nil, epsilon: Double = 1e-5, statistics source: NormStatistics = .own,
        moments taken: Moments? = nil
    ) -> Variable {
        let rows = z.value.rows, columns = z.value.columns
        let y = isRecording ? makeVariable(rows: rows, columns: columns) : z
        let statistics = arena.matrix(rows: 2, columns: columns)
        // Whatever the statistics, so that a pass needs the same memory.
        let moments = taken ?? self.moments(columns: columns)
        switch source {
        case .own, .told:
            if taken == nil { backend.addMoments(of: z.value, rowsBefore: 0, to: moments) }
            backend.statistics(of: moments, rows: rows, epsilon: epsilon, into: statistics)
            if case .told(let receive) = source { receive(moments, rows) }
        case .fixed(let mean, let variance):
            precondition(!isRecording, "a norm learns by its own statistics")
            backend.statistics(mean: mean, variance: variance, epsilon: epsilon, into: statistics)
        }
        backend.channelNorm(
            z.value, statistics: statistics, gain: gain.value, offset: offset.value, activation: activation,
            shortcut: shortcut?.value, factors: arena.matrix(rows: 1, columns: columns), into: y.value)
        if isRecording {
            operations.append(
                .channelNorm(
                    ChannelNormRecord(
                        z: z, y: y, shortcut: shortcut, gain: gain, offset: offset, activation: activation,
                        statistics: statistics)))
        }
        return y
    }

    /// The gradient goes back in the memory that it came in, unless the shortcut needs it too.
    func channelNormBackward(_ record: ChannelNormRecord) {
        guard arrived(record.y.index) != nil else { return }
        if let shortcut = record.shortcut { pass(from: record.y.index, to: shortcut.index) }
        let isOnlyHere = record.shortcut == nil
        guard let dy = isOnlyHere ? accumulator(record.y.index).view : arrived(record.y.index) else { return }
        let columns = record.z.value.columns
        // The convolution before it has no other reader.
        let dz = isOnlyHere ? dy : accumulator(record.z.index).view
        backend.channelNormBackward(
            record.z.value, statistics: record.statistics, gain: record.gain.value, offset: record.offset.value,
            activation: record.activation, dy: dy, into: dz, gainGradient: record.gain.gradient,
            offsetGradient: record.offset.gradient, sums: moments(columns: columns),
            means: arena.matrix(rows: 2, columns: columns))
        if isOnlyHere { pass(from: record.y.index, to: record.z.index) }
        finish(record.y.index)
    }

    /// y = activation(x + bias) + shortcut, where no norm is before it. x is not needed any more unless recording: y takes its
    /// place.
    ///
    /// Shapes: x, y and shortcut (rows, columns), bias (1, columns).
    ///
    /// - Parameters:
    ///   - bias: What is added; without a backward, so only while not recording.
    ///   - shortcut: The same.
    public func activate(
        _ x: Variable, bias: Parameter? = nil, by activation: MapActivation, shortcut: Variable? = nil
    ) -> Variable {
        precondition(
            (bias == nil && shortcut == nil) || !isRecording,
            "what a bias learns is computed where it is a linear layer's")
        let rows = x.value.rows, columns = x.value.columns
        let y = isRecording ? makeVariable(rows: rows, columns: columns) : x
        let constants = arena.matrix(rows: 2, columns: columns)
        let (zeros, ones) = (
            constants.leading(rows: 1, columns: columns), constants.block(row: 1, column: 0, rows: 1, columns: columns)
        )
        backend.fill(zeros, with: 0)
        backend.fill(ones, with: 1)
        backend.channelNorm(
            x.value, statistics: constants, gain: ones, offset: bias?.value ?? zeros, activation: activation,
            shortcut: shortcut?.value,
            factors: arena.matrix(rows: 1, columns: columns), into: y.value)
        if isRecording {
            operations.append(
                .activation(ActivationRecord(x: x, y: y, activation: activation, constants: constants)))
        }
        return y
    }

    func activationBackward(_ record: ActivationRecord) {
        guard arrived(record.y.index) != nil else { return }
        let dy = accumulator(record.y.index).view
        backend.activationBackward(
            record.x.value, record.activation, constants: record.constants, dy: dy, into: dy)
        pass(from: record.y.index, to: record.x.index)
        finish(record.y.index)
    }
}
