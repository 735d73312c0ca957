internal import SearchSpaces
internal import Tensors

/// How smaller kernels of a block come from the largest: each is the centre of the next larger one, transformed by a matrix that
/// is learned and begins as the identity. They are the supernet's; a network that is cut out has its kernel as it comes out.
///
/// Source: Cai et al., "Once-for-All: Train One Network and Specialize it for Efficient Deployment" (ICLR 2020), section 3.2.
struct KernelTransforms: Sendable {
    private struct Step: Sendable {
        let kernel: Int
        let matrix: ParameterLayout.Entry

        var taps: Int { kernel * kernel }
    }

    /// From the second largest kernel on.
    private let steps: [Step]

    /// - Parameter kernels: The options of the block, ascending.
    init?(_ name: String, kernels: [Int], in layout: inout ParameterLayout) {
        guard kernels.count > 1 else { return nil }
        steps = kernels.dropLast().reversed().map { kernel in
            let taps = kernel * kernel
            return Step(
                kernel: kernel,
                matrix: layout.add("\(name).\(kernel)", .transform, shape: [taps, taps], initial: .identity))
        }
    }

    private func steps(to kernel: Int) -> [Step] { steps.filter { $0.kernel >= kernel } }

    /// Taps of the stored kernel that a kernel comes from.
    func taps(for kernel: Int) -> Int { steps(to: kernel).first?.taps ?? kernel * kernel }

    /// Adds the matrices that a kernel comes from to a list.
    func addSlices(for kernel: Int, to slices: inout [ParameterSlice]) {
        slices += steps(to: kernel).map { ParameterSlice(entry: $0.matrix) }
    }

    /// A kernel, from the stored one with all its taps.
    func kernel(_ kernel: Int, of stored: Parameter, _ store: ParameterStore, on tape: Tape) -> Parameter {
        let own = steps(to: kernel)
        guard !own.isEmpty else { return stored.leading(rows: kernel * kernel, columns: stored.value.columns) }
        return own.reduce(stored) {
            tape.transform($0.leading(rows: $1.taps, columns: stored.value.columns), by: store.slice($1.matrix))
        }
    }

    /// Takes the memory that the smallest kernel does.
    func takeMemory(of stored: Parameter, _ store: ParameterStore, on tape: Tape) {
        if let smallest = steps.last { _ = kernel(smallest.kernel, of: stored, store, on: tape) }
    }

    /// Writes a kernel as it comes out.
    func write(
        _ kernel: Int, of stored: MatrixView, values: FloatBuffer, to target: MatrixView, on backend: any Backend
    ) {
        let own = steps(to: kernel), channels = stored.columns
        guard let first = own.first else { return }
        // Two kernels in turn.
        let rooms = (0..<2).map { _ in FloatBuffer(count: first.taps * channels) }
        var source = stored
        for (place, step) in own.enumerated() {
            let result = rooms[place % 2].matrix(rows: step.taps, columns: channels)
            backend.multiply(
                step.matrix.view(of: values), source.leading(rows: step.taps, columns: channels), into: result)
            source = result
        }
        backend.copy(source, to: target)
        withExtendedLifetime(rooms) {}
    }
}
