internal import Foundation
internal import SwiftProtobuf

/// Computes a file of ONNX by the meaning of its operators, as far as networks here use them: what a written file is checked with
/// where there is no other runtime.
///
/// Source: the ONNX operator documentation, version 17.
struct ONNXInterpreter {
    private let file: Onnx_ModelProto
    private let constants: [String: ONNXTensor]

    /// Reads a file.
    ///
    /// - Throws: `ONNXFault`, or the error of protocol buffers.
    init(_ bytes: Data) throws {
        file = try Onnx_ModelProto(serializedBytes: bytes)
        guard file.irVersion == ONNXExport.irVersion, file.opsetImport.map(\.version) == [Int64(ONNXExport.opset)],
            file.opsetImport.allSatisfy(\.domain.isEmpty)
        else { throw ONNXFault("its versions are others") }
        var constants: [String: ONNXTensor] = [:]
        for tensor in file.graph.initializer {
            guard constants.updateValue(try ONNXTensor(tensor), forKey: tensor.name) == nil else {
                throw ONNXFault("there are two constants \(tensor.name)")
            }
        }
        self.constants = constants
    }

    /// Outputs of some examples, each a row of inputs.
    func run(_ rows: [[Float]], input: String, output: String) throws(ONNXFault) -> [[Float]] {
        guard file.graph.input.map(\.name) == [input], file.graph.output.map(\.name) == [output] else {
            throw ONNXFault("its input and output are called otherwise")
        }
        let sizes = file.graph.input[0].type.tensorType.shape.dim
        guard sizes.first?.dimParam == ONNXGraphWriter.batch else { throw ONNXFault("its batch is fixed") }
        var values = constants
        values[input] = try ONNXTensor(
            rows.flatMap { $0 }, [rows.count] + sizes.dropFirst().map { Int($0.dimValue) })
        for node in file.graph.node {
            var inputs: [ONNXTensor] = []
            for name in node.input {
                guard let value = values[name] else {
                    throw ONNXFault("\(node.name) reads \(name), which is not there")
                }
                inputs.append(value)
            }
            guard let name = node.output.first, node.output.count == 1, values[name] == nil, !inputs.isEmpty else {
                throw ONNXFault("\(node.name) leaves no value of its own")
            }
            values[name] = try ONNXNode(node).compute(inputs)
        }
        let declared = file.graph.output[0].type.tensorType.shape.dim.dropFirst().map { Int($0.dimValue) }
        guard let result = values[output], result.shape == [rows.count] + declared else {
            throw ONNXFault("its output has another shape than it says")
        }
        let width = declared.reduce(1, *)
        return rows.indices.map { Array(result.values[$0 * width..<($0 + 1) * width]) }
    }
}

/// One node and what it computes.
struct ONNXNode {
    private let node: Onnx_NodeProto

    init(_ node: Onnx_NodeProto) { self.node = node }

    private func attribute(_ name: String) -> Onnx_AttributeProto? { node.attribute.first { $0.name == name } }
    private func integer(_ name: String, default value: Int) -> Int { attribute(name).map { Int($0.i) } ?? value }
    private func integers(_ name: String, default value: [Int]) -> [Int] {
        attribute(name).map { $0.ints.map(Int.init) } ?? value
    }
    private func fault(_ reason: String) -> ONNXFault { ONNXFault("\(node.name) (\(node.opType)): \(reason)") }

    /// The value that it leaves.
    func compute(_ inputs: [ONNXTensor]) throws(ONNXFault) -> ONNXTensor {
        let x = inputs[0]
        func second() throws(ONNXFault) -> ONNXTensor {
            guard inputs.count > 1 else { throw fault("it has one input") }
            return inputs[1]
        }
        func whole() throws(ONNXFault) -> [Int] {
            guard let integers = try second().integers else { throw fault("its second input is not whole") }
            return integers
        }
        switch node.opType {
        case "Add": return try x.combined(with: second(), +)
        case "Sub": return try x.combined(with: second(), -)
        case "Mul": return try x.combined(with: second(), *)
        case "Div": return try x.combined(with: second(), /)
        case "Erf": return try x.map(erf)
        case "Relu": return try x.map { max($0, 0) }
        case "Sigmoid": return try x.map { 1 / (1 + exp(-$0)) }
        case "HardSwish": return try x.map { $0 * max(0, min(1, $0 / 6 + 0.5)) }
        case "HardSigmoid":
            let alpha = attribute("alpha")?.f ?? 0.2, beta = attribute("beta")?.f ?? 0.5
            return try x.map { max(0, min(1, alpha * $0 + beta)) }
        case "Clip":
            guard inputs.count == 3, let low = inputs[1].values.first, let high = inputs[2].values.first else {
                throw fault("it has no bounds")
            }
            return try x.map { min(max($0, low), high) }
        case "MatMul": return try x.product(with: second())
        case "Gemm": return try gemm(x, second(), inputs.count > 2 ? inputs[2] : nil)
        case "Conv": return try convolution(x, second(), inputs.count > 2 ? inputs[2] : nil)
        case "LayerNormalization":
            guard inputs.count == 3 else { throw fault("it has no gain and offset") }
            return try layerNorm(x, inputs[1], inputs[2])
        case "Softmax": return try softmax(x)
        case "Reshape": return try x.reshaped(whole())
        case "Transpose": return try x.transposed(integers("perm", default: x.shape.indices.reversed()))
        case "Flatten":
            let axis = integer("axis", default: 1)
            guard axis == 1, x.shape.count > 1 else { throw fault("its axis is \(axis)") }
            return try x.reshaped([0, x.shape.dropFirst().reduce(1, *)])
        case "GlobalAveragePool": return try average(x)
        case "AveragePool": return try pool(x) { $0.reduce(0, +) / Float($0.count) }
        case "MaxPool": return try pool(x) { $0.max() ?? 0 }
        case "Gather": return try first(x, whole())
        case "Pad": return try padded(x, whole())
        default: throw fault("no network here has it")
        }
    }

    private func gemm(_ x: ONNXTensor, _ weight: ONNXTensor, _ bias: ONNXTensor?) throws(ONNXFault) -> ONNXTensor {
        let right = integer("transB", default: 0) == 1 ? try weight.transposed([1, 0]) : weight
        let product = try x.product(with: right)
        return try bias.map { (bias) throws(ONNXFault) in try product.combined(with: bias, +) } ?? product
    }

    private func layerNorm(_ x: ONNXTensor, _ gain: ONNXTensor, _ offset: ONNXTensor) throws(ONNXFault) -> ONNXTensor {
        let width = x.shape.last ?? 0, epsilon = attribute("epsilon")?.f ?? 1e-5
        guard integer("axis", default: -1) == -1, width > 0, gain.values.count == width, offset.values.count == width
        else { throw fault("its sizes do not fit") }
        var result = x.values
        for start in stride(from: 0, to: result.count, by: width) {
            let row = x.values[start..<start + width].map(Double.init)
            let mean = row.reduce(0, +) / Double(width)
            let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
            let scale = 1 / (variance + Double(epsilon)).squareRoot()
            for column in 0..<width {
                result[start + column] =
                    Float((row[column] - mean) * scale) * gain.values[column] + offset.values[column]
            }
        }
        return try ONNXTensor(result, x.shape)
    }

    private func softmax(_ x: ONNXTensor) throws(ONNXFault) -> ONNXTensor {
        let width = x.shape.last ?? 0
        guard integer("axis", default: -1) == -1, width > 0 else { throw fault("its axis is not the last") }
        var result = x.values
        for start in stride(from: 0, to: result.count, by: width) {
            let greatest = result[start..<start + width].max() ?? 0
            var sum: Float = 0
            for place in start..<start + width {
                result[place] = exp(result[place] - greatest)
                sum += result[place]
            }
            for place in start..<start + width { result[place] /= sum }
        }
        return try ONNXTensor(result, x.shape)
    }

    private func average(_ x: ONNXTensor) throws(ONNXFault) -> ONNXTensor {
        let places = x.shape.dropFirst(2).reduce(1, *)
        guard x.shape.count == 4, places > 0 else { throw fault("it reads no maps") }
        let means = stride(from: 0, to: x.values.count, by: places).map { start in
            x.values[start..<start + places].reduce(0, +) / Float(places)
        }
        return try ONNXTensor(means, [x.shape[0], x.shape[1], 1, 1])
    }

    /// Where windows of two sides lie in a map: their strides, what is put around the map, and how many there are.
    private func windows(
        _ side: [Int], height: Int, width: Int
    ) throws(ONNXFault) -> (strides: [Int], pads: [Int], down: Int, across: Int) {
        let strides = integers("strides", default: [1, 1]), pads = integers("pads", default: [0, 0, 0, 0])
        let sizes = 1...(1 << 20)
        guard strides.count == 2, pads.count == 4, (side + strides).allSatisfy(sizes.contains),
            pads.allSatisfy({ $0 == 0 || sizes.contains($0) })
        else { throw fault("its sizes do not fit") }
        let down = height + pads[0] + pads[2] - side[0], across = width + pads[1] + pads[3] - side[1]
        guard down >= 0, across >= 0 else { throw fault("its kernel is larger than the map") }
        return (strides, pads, down / strides[0] + 1, across / strides[1] + 1)
    }

    /// Of the places of each window that lie in the map.
    private func pool(_ x: ONNXTensor, _ body: ([Float]) -> Float) throws(ONNXFault) -> ONNXTensor {
        let side = integers("kernel_shape", default: [])
        guard x.shape.count == 4, side.count == 2, integer("ceil_mode", default: 0) == 0,
            integer("count_include_pad", default: 0) == 0
        else { throw fault("its sizes do not fit") }
        let height = x.shape[2], width = x.shape[3]
        let (strides, pads, down, across) = try windows(side, height: height, width: width)
        var result: [Float] = []
        result.reserveCapacity(try ONNXTensor.count(of: [x.shape[0], x.shape[1], down, across]))
        for plane in 0..<x.shape[0] * x.shape[1] {
            for place in 0..<down * across {
                let top = place / across * strides[0] - pads[0], left = place % across * strides[1] - pads[1]
                let rows = max(0, top)..<max(max(0, top), min(height, top + side[0]))
                let columns = max(0, left)..<max(max(0, left), min(width, left + side[1]))
                let values = rows.flatMap { row in columns.map { x.values[(plane * height + row) * width + $0] } }
                guard !values.isEmpty else { throw fault("a window lies outside of the map") }
                result.append(body(values))
            }
        }
        return try ONNXTensor(result, [x.shape[0], x.shape[1], down, across])
    }

    private func first(_ x: ONNXTensor, _ index: [Int]) throws(ONNXFault) -> ONNXTensor {
        guard integer("axis", default: 0) == 1, x.shape.count == 3, index.count == 1, x.shape[1] > index[0],
            index[0] >= 0
        else { throw fault("its sizes do not fit") }
        let width = x.shape[2], step = x.shape[1] * width
        var rows: [Float] = []
        for example in 0..<x.shape[0] {
            let start = example * step + index[0] * width
            rows += x.values[start..<start + width]
        }
        return try ONNXTensor(rows, [x.shape[0], width])
    }

    /// Rows of zeros in front of the second axis alone.
    private func padded(_ x: ONNXTensor, _ pads: [Int]) throws(ONNXFault) -> ONNXTensor {
        guard x.shape.count == 3, pads.count == 6, (0...1 << 20).contains(pads[1]),
            pads.enumerated().allSatisfy({ $0 == 1 || $1 == 0 })
        else { throw fault("its pads are \(pads)") }
        let sizes = [x.shape[0], x.shape[1] + pads[1], x.shape[2]], step = x.shape[1] * x.shape[2]
        var rows: [Float] = []
        rows.reserveCapacity(try ONNXTensor.count(of: sizes))
        let zeros = [Float](repeating: 0, count: x.shape[0] > 0 ? pads[1] * x.shape[2] : 0)
        for example in 0..<x.shape[0] { rows += zeros + x.values[example * step..<(example + 1) * step] }
        return try ONNXTensor(rows, sizes)
    }

    private func convolution(_ x: ONNXTensor, _ weight: ONNXTensor, _ bias: ONNXTensor?) throws(ONNXFault) -> ONNXTensor
    {
        let kernel = integers("kernel_shape", default: Array(weight.shape.dropFirst(2)))
        let groups = integer("group", default: 1)
        guard x.shape.count == 4, weight.shape.count == 4, Array(weight.shape.dropFirst(2)) == kernel,
            groups > 0, x.shape[1] % groups == 0, x.shape[1] / groups == weight.shape[1], weight.shape[0] % groups == 0,
            bias.map({ $0.values.count == weight.shape[0] }) ?? true
        else { throw fault("its sizes do not fit: \(x.shape), \(weight.shape)") }
        let (batch, height, width) = (x.shape[0], x.shape[2], x.shape[3])
        let (outputs, inputs) = (weight.shape[0], weight.shape[1])
        let (strides, pads, down, across) = try windows(kernel, height: height, width: width)
        var result = [Float](repeating: 0, count: try ONNXTensor.count(of: [batch, outputs, down, across]))
        result.withUnsafeMutableBufferPointer { y in
            x.values.withUnsafeBufferPointer { from in
                weight.values.withUnsafeBufferPointer { factors in
                    for image in 0..<batch {
                        for channel in 0..<outputs {
                            let out = (image * outputs + channel) * down * across
                            let start = bias?.values[channel] ?? 0
                            for place in out..<out + down * across { y[place] = start }
                            for input in 0..<inputs {
                                let plane =
                                    (image * x.shape[1] + channel / (outputs / groups) * inputs + input) * height
                                    * width
                                for tap in 0..<kernel[0] * kernel[1] {
                                    let factor = factors[(channel * inputs + input) * kernel[0] * kernel[1] + tap]
                                    let (rowShift, shift) = (tap / kernel[1] - pads[0], tap % kernel[1] - pads[1])
                                    // The outputs whose place under this tap lies in the map.
                                    let low = max(0, (-shift + strides[1] - 1) / strides[1])
                                    let high = min(across, (width - 1 - shift) / strides[1] + 1)
                                    guard width - 1 >= shift, low < high else { continue }
                                    for row in 0..<down {
                                        let read = row * strides[0] + rowShift
                                        guard read >= 0, read < height else { continue }
                                        let line = plane + read * width + shift, target = out + row * across
                                        for column in low..<high {
                                            y[target + column] += factor * from[line + column * strides[1]]
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        return try ONNXTensor(result, [batch, outputs, down, across])
    }
}
