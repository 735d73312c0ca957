internal import Foundation

/// What is wrong with a file that should be a network.
struct ONNXFault: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}

/// A value as a node reads and leaves it: numbers of 32 bits, row by row, or whole numbers.
struct ONNXTensor {
    let shape: [Int]
    let values: [Float]
    /// Whole numbers where it has those.
    var integers: [Int]?

    /// The most values of one that is computed: no network here comes near.
    private static let mostValues = 1 << 28

    /// How many values sizes make, those of 0 aside in what may not be exceeded.
    ///
    /// - Throws: For a negative size, or for more than any network has.
    static func count(of shape: [Int]) throws(ONNXFault) -> Int {
        var count = 1
        for size in shape {
            let (product, isOver) = count.multipliedReportingOverflow(by: max(size, 1))
            guard size >= 0, !isOver, product <= mostValues else { throw ONNXFault("no value has the shape \(shape)") }
            count = product
        }
        return shape.contains(0) ? 0 : count
    }

    init(_ values: [Float], _ shape: [Int]) throws(ONNXFault) {
        guard try Self.count(of: shape) == values.count else {
            throw ONNXFault("\(values.count) values do not have the shape \(shape)")
        }
        (self.values, self.shape) = (values, shape)
    }

    /// A constant of a file.
    init(_ tensor: Onnx_TensorProto) throws(ONNXFault) {
        let shape = tensor.dims.map(Int.init), bytes = tensor.rawData
        let count = try Self.count(of: shape)
        switch Onnx_TensorProto.DataType(rawValue: Int(tensor.dataType)) {
        case .float:
            guard bytes.count == 4 * count else { throw ONNXFault("\(tensor.name) has \(bytes.count) bytes") }
            try self.init(
                bytes.withUnsafeBytes { raw in
                    (0..<count).map { raw.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
                }, shape)
        case .int64:
            guard bytes.count == 8 * count else { throw ONNXFault("\(tensor.name) has \(bytes.count) bytes") }
            let integers = bytes.withUnsafeBytes { raw in
                (0..<count).map { Int(raw.loadUnaligned(fromByteOffset: 8 * $0, as: Int64.self)) }
            }
            try self.init(integers.map(Float.init), shape)
            self.integers = integers
        default: throw ONNXFault("\(tensor.name) has the type \(tensor.dataType)")
        }
    }

    /// Each value by a function.
    func map(_ body: (Float) -> Float) throws(ONNXFault) -> ONNXTensor { try ONNXTensor(values.map(body), shape) }

    /// Two tensors value by value, sizes of 1 and missing ones repeated.
    func combined(with other: ONNXTensor, _ body: (Float, Float) -> Float) throws(ONNXFault) -> ONNXTensor {
        let rank = max(shape.count, other.shape.count)
        func padded(_ shape: [Int]) -> [Int] { [Int](repeating: 1, count: rank - shape.count) + shape }
        let left = padded(shape), right = padded(other.shape)
        var sizes: [Int] = []
        for (a, b) in zip(left, right) {
            guard a == b || a == 1 || b == 1 else { throw ONNXFault("shapes \(shape) and \(other.shape) do not fit") }
            sizes.append(a == 1 ? b : a)
        }
        func steps(_ shape: [Int]) -> [Int] {
            var step = 1
            return shape.reversed().map { size in
                defer { step *= size }
                return size == 1 ? 0 : step
            }.reversed()
        }
        let leftSteps = steps(left), rightSteps = steps(right)
        var place = [Int](repeating: 0, count: rank), l = 0, r = 0
        let count = try Self.count(of: sizes)
        var result: [Float] = []
        result.reserveCapacity(count)
        for _ in 0..<count {
            result.append(body(values[l], other.values[r]))
            for axis in stride(from: rank - 1, through: 0, by: -1) {
                place[axis] += 1
                l += leftSteps[axis]
                r += rightSteps[axis]
                guard place[axis] == sizes[axis] else { break }
                l -= leftSteps[axis] * sizes[axis]
                r -= rightSteps[axis] * sizes[axis]
                place[axis] = 0
            }
        }
        return try ONNXTensor(result, sizes)
    }

    /// The axes in another order.
    func transposed(_ order: [Int]) throws(ONNXFault) -> ONNXTensor {
        guard order.sorted() == Array(shape.indices) else { throw ONNXFault("\(order) is no order of \(shape)") }
        var steps = [Int](repeating: 1, count: shape.count)
        for axis in stride(from: shape.count - 2, through: 0, by: -1) {
            steps[axis] = steps[axis + 1] * shape[axis + 1]
        }
        let sizes = order.map { shape[$0] }, own = order.map { steps[$0] }
        var place = [Int](repeating: 0, count: order.count), from = 0
        var result: [Float] = []
        result.reserveCapacity(values.count)
        for _ in values.indices {
            result.append(values[from])
            for axis in stride(from: order.count - 1, through: 0, by: -1) {
                place[axis] += 1
                from += own[axis]
                guard place[axis] == sizes[axis] else { break }
                from -= own[axis] * sizes[axis]
                place[axis] = 0
            }
        }
        return try ONNXTensor(result, sizes)
    }

    /// The values under other sizes, of which 0 stands for that of this tensor and one -1 for what is left.
    func reshaped(_ sizes: [Int]) throws(ONNXFault) -> ONNXTensor {
        var shape = sizes
        for axis in sizes.indices where sizes[axis] == 0 {
            guard axis < self.shape.count else { throw ONNXFault("\(self.shape) does not become \(sizes)") }
            shape[axis] = self.shape[axis]
        }
        if let open = shape.firstIndex(of: -1) {
            shape[open] = values.count / max(1, try Self.count(of: shape.filter { $0 != -1 }))
        }
        return try ONNXTensor(values, shape)
    }

    /// The product over the last two axes; those before are the same, or the right one has none.
    func product(with other: ONNXTensor) throws(ONNXFault) -> ONNXTensor {
        guard shape.count >= 2, other.shape.count >= 2 else { throw ONNXFault("a product is of matrices") }
        let rows = shape[shape.count - 2], inner = shape[shape.count - 1]
        let columns = other.shape[other.shape.count - 1], isShared = other.shape.count == 2
        guard other.shape[other.shape.count - 2] == inner,
            isShared || shape.dropLast(2) == other.shape.dropLast(2)
        else { throw ONNXFault("the product of \(shape) and \(other.shape)") }
        let sizes: [Int] = shape.dropLast() + [columns]
        var result = [Float](repeating: 0, count: try Self.count(of: sizes))
        result.withUnsafeMutableBufferPointer { y in
            values.withUnsafeBufferPointer { a in
                other.values.withUnsafeBufferPointer { b in
                    for row in 0..<(columns > 0 ? y.count / columns : 0) {
                        let right = isShared ? 0 : row / rows * inner * columns, out = row * columns
                        for k in 0..<inner {
                            let factor = a[row * inner + k], from = right + k * columns
                            for column in 0..<columns { y[out + column] += factor * b[from + column] }
                        }
                    }
                }
            }
        }
        return try ONNXTensor(result, sizes)
    }
}
