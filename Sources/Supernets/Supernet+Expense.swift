internal import SearchSpaces
internal import Tensors

/// What an arena is for.
public enum ArenaUse: Sendable {
    /// Logits of many genomes, nothing recorded.
    case evaluation
    /// Forward and backward of a subnet.
    case training
    /// Forward and backward of a subnet, or at full width under masks.
    case maskedTraining
}

extension Supernet {
    /// Floats of an arena that holds any pass of a kind over a batch, with dropout or without.
    ///
    /// Counted by a pass of the largest genome on a ``CountingBackend``, over the network that bounds all others, which needs
    /// neither memory nor time. At most 2^58, which stands for whatever is more.
    public func arenaFloats(batch: Int, for use: ArenaUse) -> Int {
        switch use {
        case .evaluation: memoryBound.dryEvaluation(of: [largest], batch: batch).floats
        case .training: memoryBound.dryTraining(of: largest, batch: batch, isDropping: true).floats
        case .maskedTraining:
            max(
                memoryBound.dryTraining(of: largest, batch: batch, isDropping: true).floats,
                dryTraining(of: nil, batch: batch, isDropping: true).floats)
        }
    }

    /// What passes take: floats of an arena at a time, and multiply-adds of products, which are exact up to 2^53.
    typealias Expense = (floats: Int, multiplyAdds: Double)

    /// What an evaluation of some genomes takes.
    func dryEvaluation(of genomes: [Genome], batch: Int) -> Expense {
        dryRun(batch: batch) { inputs, store, tape, _ in
            evaluate(inputs, as: genomes, with: store, on: tape) { _, _ in }
        }
    }

    /// What a forward and a backward take.
    ///
    /// - Parameter genome: The subnet; nil for a pass at full width under masks.
    func dryTraining(of genome: Genome?, batch: Int, isDropping: Bool) -> Expense {
        // The rate and the place do not matter, nothing is drawn.
        let dropout = Dropout(
            rate: 0.5, random: CounterRandom(seed: 0, stream: .dropout), step: 0, pass: 0, firstExample: 0)
        return dryRun(batch: batch) { inputs, store, tape, backend in
            tape.begin(recording: true, dropout: isDropping ? dropout : nil)
            let logits: Variable
            if let genome {
                logits = forward(inputs, as: genome, with: store, on: tape)
            } else {
                guard let network = self as? any MaskableSupernet else {
                    preconditionFailure("only networks with masks run under them")
                }
                let masks = backend.makeBuffer(count: network.masks.layout.floatCount)
                logits = network.forward(
                    inputs, masked: ParameterStore(values: masks, gradients: masks), with: store, on: tape)
            }
            tape.backward(from: logits) { _ in }
        }
    }

    fileprivate func dryRun(
        batch: Int, _ body: (MatrixView, ParameterStore, Tape, CountingBackend) -> Void
    ) -> Expense {
        let backend = CountingBackend(), arena = backend.makeArena()
        let parameters = backend.makeBuffer(count: layout.floatCount)
        let exampleSize = space.signature.inputCount
        let inputs = backend.makeBuffer(count: batch * exampleSize).matrix(rows: batch, columns: exampleSize)
        body(
            inputs, ParameterStore(values: parameters, gradients: parameters), Tape(backend: backend, arena: arena),
            backend)
        return (arena.peakFloats, backend.multiplyAdds)
    }
}

extension MaskableSupernet {
    /// Multiply-adds that one example takes forward at full width under masks: those of products as they are computed, and one
    /// for each value of its own that a mask is laid on. Masks on parameters, which a batch shares, count as merging does: not.
    public var maskedMultiplyAdds: Int {
        func count(batch: Int) -> Double {
            var count = 0.0
            _ = dryRun(batch: batch) { inputs, store, tape, backend in
                let buffer = backend.makeBuffer(count: masks.layout.floatCount)
                tape.begin(recording: false)
                _ = forward(inputs, masked: ParameterStore(values: buffer, gradients: buffer), with: store, on: tape)
                count = backend.multiplyAdds + backend.maskedValues
            }
            return count
        }
        return Int(exactly: count(batch: 2) - count(batch: 1)) ?? .max
    }
}
