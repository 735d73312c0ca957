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
        case tokens(TokensRecord)
        case firstToken(FirstTokenRecord)
    }

    struct Gradient {
        let view: MatrixView
        var isWritten: Bool
    }

    let kernels: Kernels
    let arena: Arena
    /// Whether ops keep what their backward needs; evaluation does not.
    public private(set) var isRecording = false
    var operations: ContiguousArray<Operation> = []
    var gradients: ContiguousArray<Gradient> = []

    /// Creates a tape that takes its memory from an arena.
    public init(kernels: Kernels, arena: Arena) {
        self.kernels = kernels
        self.arena = arena
        operations.reserveCapacity(256)
        gradients.reserveCapacity(512)
    }

    /// Forgets everything and begins a forward pass.
    public func begin(recording: Bool) {
        arena.reset()
        operations.removeAll(keepingCapacity: true)
        gradients.removeAll(keepingCapacity: true)
        isRecording = recording
    }

    /// An input: a matrix that the caller fills before the ops that read it.
    public func input(rows: Int, columns: Int) -> Variable { makeVariable(rows: rows, columns: columns) }

    /// The gradient of a variable after `backward`, or nil where none arrived.
    public func gradient(of variable: Variable) -> MatrixView? {
        guard isRecording, gradients[variable.index].isWritten else { return nil }
        return gradients[variable.index].view
    }

    /// Runs the ops backward from an output whose gradient is given.
    ///
    /// - Parameter fill: writes dLoss/dOutput into the view it gets.
    public func backward(from output: Variable, _ fill: (MatrixView) -> Void) {
        precondition(isRecording, "a tape goes back only over what it recorded")
        fill(gradients[output.index].view)
        gradients[output.index].isWritten = true
        while let operation = operations.popLast() {
            switch operation {
            case .linear(let record): linearBackward(record)
            case .layerNorm(let record): layerNormBackward(record)
            case .attention(let record): attentionBackward(record)
            case .tokens(let record): tokensBackward(record)
            case .firstToken(let record): firstTokenBackward(record)
            }
        }
    }

    func makeVariable(rows: Int, columns: Int) -> Variable {
        let value = arena.matrix(rows: rows, columns: columns)
        guard isRecording else { return Variable(value: value, index: 0) }
        gradients.append(Gradient(view: arena.matrix(rows: rows, columns: columns), isWritten: false))
        return Variable(value: value, index: gradients.count - 1)
    }

    /// The gradient view of a variable and whether to add (1) or write (0); marks it written.
    func accumulator(_ index: Int) -> (view: MatrixView, beta: Float) {
        let beta: Float = gradients[index].isWritten ? 1 : 0
        gradients[index].isWritten = true
        return (gradients[index].view, beta)
    }
}
