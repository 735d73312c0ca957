/// Records ops as they run forward and runs them backward once.
///
/// Every op is a plain method with a backward beside it (`Tape+Linear.swift` and so on); the tape stores plain values in
/// arrays that keep their capacity, so a step allocates nothing once the first one is over. The first gradient that
/// reaches a variable is written and later ones are added, so no gradient is ever cleared. One tape belongs to one worker.
public final class Tape {
    /// What to do on the way back.
    enum Operation {
        case linear(LinearRecord)
        case layerNorm(LayerNormRecord)
        case attention(AttentionRecord)
        case classAttention(ClassAttentionRecord)
        case tokens(TokensRecord)
        case firstToken(FirstTokenRecord)
        case meanToken(MeanTokenRecord)
        case dropout(DropoutRecord)
        case scale(ScaleRecord)
        case mask(MaskRecord)
        case maskedParameter(MaskedParameterRecord)
        case maskedLayerNorm(MaskedLayerNormRecord)
        case depthwise(DepthwiseRecord)
        case convolution(ConvolutionRecord)
        case pool(PoolRecord)
        case kernelTransform(KernelTransformRecord)
        case channelNorm(ChannelNormRecord)
        case activation(ActivationRecord)
        case mapGate(MapGateRecord)
    }

    /// A variable's shape and the slot of its gradient, once one has arrived.
    struct Gradient {
        let rows: Int
        let columns: Int
        let isWanted: Bool
        var slot: Int?
    }

    /// Who computes.
    public let backend: any Backend
    let arena: Arena
    /// Whether ops keep what their backward needs; evaluation does not.
    public private(set) var isRecording = false
    /// The dropout of this pass; nil where nothing is dropped.
    public private(set) var dropout: Dropout?
    var dropoutSites = 0
    var operations: ContiguousArray<Operation> = []
    private var gradients: ContiguousArray<Gradient> = []
    private var pool: GradientPool

    /// Creates a tape that takes its memory from an arena.
    public init(backend: any Backend, arena: Arena) {
        self.backend = backend
        self.arena = arena
        pool = GradientPool(arena: arena)
        operations.reserveCapacity(256)
        gradients.reserveCapacity(512)
    }

    /// Forgets everything and begins a forward pass.
    ///
    /// - Parameter dropout: What is dropped; only a recording pass drops.
    public func begin(recording: Bool, dropout: Dropout? = nil) {
        arena.reset()
        pool.reset()
        operations.removeAll(keepingCapacity: true)
        gradients.removeAll(keepingCapacity: true)
        isRecording = recording
        self.dropout = recording ? dropout : nil
        dropoutSites = 0
    }

    /// An input: a matrix that the caller fills before the ops that read it.
    ///
    /// - Parameter needsGradient: Whether `backward` computes its gradient; data needs none.
    public func input(rows: Int, columns: Int, needsGradient: Bool = true) -> Variable {
        makeVariable(rows: rows, columns: columns, isWanted: needsGradient)
    }

    /// The gradient of an input after `backward`, or nil where none arrived.
    public func gradient(of variable: Variable) -> MatrixView? {
        guard isRecording, gradients[variable.index].slot != nil else { return nil }
        return arrived(variable.index)
    }

    /// Runs the ops backward from an output whose gradient is given.
    ///
    /// - Parameter fill: writes dLoss/dOutput into the view it gets.
    public func backward(from output: Variable, _ fill: (MatrixView) -> Void) {
        precondition(isRecording, "a tape goes back only over what it recorded")
        fill(accumulator(output.index).view)
        while let operation = operations.popLast() {
            switch operation {
            case .linear(let record): linearBackward(record)
            case .layerNorm(let record): layerNormBackward(record)
            case .attention(let record): attentionBackward(record)
            case .classAttention(let record): classAttentionBackward(record)
            case .tokens(let record): tokensBackward(record)
            case .firstToken(let record): firstTokenBackward(record)
            case .meanToken(let record): meanTokenBackward(record)
            case .dropout(let record): dropoutBackward(record)
            case .scale(let record): scaleBackward(record)
            case .mask(let record): maskBackward(record)
            case .maskedParameter(let record): maskedParameterBackward(record)
            case .maskedLayerNorm(let record): maskedLayerNormBackward(record)
            case .depthwise(let record): depthwiseBackward(record)
            case .convolution(let record): convolutionBackward(record)
            case .pool(let record): poolBackward(record)
            case .kernelTransform(let record): kernelTransformBackward(record)
            case .channelNorm(let record): channelNormBackward(record)
            case .activation(let record): activationBackward(record)
            case .mapGate(let record): mapGateBackward(record)
            }
        }
    }

    /// The front of the arena's free memory, to which `compact` can go back.
    public var mark: Int { arena.mark }

    /// Gives back all memory since a mark; only while not recording.
    public func release(to mark: Int) {
        precondition(!isRecording, "a recorded pass needs its values on the way back")
        arena.release(to: mark)
    }

    /// Moves the given variables to a mark of the arena and gives everything else since back; what lies before the mark
    /// stays where it is.
    ///
    /// Only while not recording: a long network then works in the memory of one block.
    public func compact(to mark: Int, keeping variables: (Variable, Variable)) -> (Variable, Variable) {
        precondition(!isRecording, "a recorded pass needs its values on the way back")
        arena.release(to: mark)
        // In the order of their places no target covers a source that is still to be moved.
        if variables.0.value.base <= variables.1.value.base {
            let first = moveToFront(variables.0)
            return (first, moveToFront(variables.1))
        }
        let second = moveToFront(variables.1)
        return (moveToFront(variables.0), second)
    }

    /// Moves one variable to a mark of the arena and gives everything else since back.
    public func compact(to mark: Int, keeping variable: Variable) -> Variable {
        precondition(!isRecording, "a recorded pass needs its values on the way back")
        arena.release(to: mark)
        return moveToFront(variable)
    }

    private func moveToFront(_ variable: Variable) -> Variable {
        let source = variable.value
        guard source.base >= arena.front else { return variable }
        precondition(source.stride == source.columns, "a variable is contiguous")
        let target = arena.matrix(rows: source.rows, columns: source.columns)
        backend.copy(source, to: target)
        return Variable(value: target, index: 0)
    }

    func makeVariable(rows: Int, columns: Int, isWanted: Bool = true) -> Variable {
        let value = arena.matrix(rows: rows, columns: columns)
        guard isRecording else { return Variable(value: value, index: 0) }
        pool.admit(floats: Arena.floats(rows: rows, columns: columns))
        gradients.append(Gradient(rows: rows, columns: columns, isWanted: isWanted, slot: nil))
        return Variable(value: value, index: gradients.count - 1)
    }

    /// Whether anything is to be computed for a variable.
    func isWanted(_ index: Int) -> Bool { gradients[index].isWanted }

    /// The gradient that has arrived at a variable, for reading; nil where there is none.
    func arrived(_ index: Int) -> MatrixView? {
        let gradient = gradients[index]
        return gradient.slot.map { pool.view($0, rows: gradient.rows, columns: gradient.columns) }
    }

    /// The gradient of a variable for writing, and whether to add to it or to write it.
    func accumulator(_ index: Int) -> Accumulator {
        let rows = gradients[index].rows, columns = gradients[index].columns
        let isFirst = gradients[index].slot == nil
        let slot: Int
        if let old = gradients[index].slot {
            slot = exclusive(old, rows: rows, columns: columns)
        } else {
            slot = pool.take()
        }
        gradients[index].slot = slot
        return (pool.view(slot, rows: rows, columns: columns), !isFirst)
    }

    /// Gives a variable that has no gradient yet a gradient of 0.
    func clear(_ index: Int) {
        guard gradients[index].slot == nil else { return }
        backend.fill(accumulator(index).view, with: 0)
    }

    /// Hands the gradient of one variable on to another of the same shape: shared when it is the first there, else added.
    func pass(from source: Int, to target: Int) {
        guard gradients[target].isWanted, let slot = gradients[source].slot else { return }
        guard gradients[target].slot != nil else {
            pool.retain(slot)
            gradients[target].slot = slot
            return
        }
        let arrived = pool.view(slot, rows: gradients[source].rows, columns: gradients[source].columns)
        backend.add(arrived, to: accumulator(target).view)
    }

    /// Gives back the gradient of a variable whose op has read it.
    func finish(_ index: Int) {
        guard let slot = gradients[index].slot else { return }
        pool.release(slot)
        gradients[index].slot = nil
    }

    /// The slot itself when nobody else reads it, or else a copy.
    private func exclusive(_ slot: Int, rows: Int, columns: Int) -> Int {
        guard pool.isShared(slot) else { return slot }
        let copy = pool.take()
        backend.copy(pool.view(slot, rows: rows, columns: columns), to: pool.view(copy, rows: rows, columns: columns))
        pool.release(slot)
        return copy
    }
}
