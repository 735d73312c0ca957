import Foundation
import Testing

@testable import Exporters

/// Operators by hand.
@Suite struct ONNXInterpreterTests {
    private func node(_ type: String, _ inputs: [ONNXTensor], _ ints: [String: [Int]] = [:]) throws -> ONNXTensor {
        var node = Onnx_NodeProto()
        node.opType = type
        for (name, values) in ints {
            var attribute = Onnx_AttributeProto()
            attribute.name = name
            attribute.ints = values.map(Int64.init)
            attribute.i = Int64(values[0])
            node.attribute.append(attribute)
        }
        return try ONNXNode(node).compute(inputs)
    }

    @Test func arithmetic() throws {
        let x = try ONNXTensor([1, 2, 3, 4, 5, 6], [2, 3])
        let row = try ONNXTensor([10, 20, 30], [3]), column = try ONNXTensor([1, 2], [2, 1])
        #expect(try node("Add", [x, row]).values == [11, 22, 33, 14, 25, 36])
        #expect(try node("Mul", [x, column]).values == [1, 2, 3, 8, 10, 12])
        #expect(try node("Sub", [column, row]).shape == [2, 3])
        #expect(try node("Transpose", [x], ["perm": [1, 0]]).values == [1, 4, 2, 5, 3, 6])
        #expect(try node("MatMul", [x, ONNXTensor([1, 0, 0, 1, 1, 1], [3, 2])]).values == [4, 5, 10, 11])
        #expect(
            try node("Gemm", [x, ONNXTensor([1, 0, 0, 0, 1, 0], [2, 3]), ONNXTensor([1, 2], [2])], ["transB": [1]])
                .values
                == [2, 4, 5, 7])
        #expect(try node("HardSwish", [ONNXTensor([-4, -1.5, 0, 3], [4])]).values == [0, -0.375, 0, 3])
        #expect(try node("Softmax", [ONNXTensor([0, 0, 1, 1], [2, 2])]).values == [0.5, 0.5, 0.5, 0.5])
        #expect(throws: ONNXFault.self) { try node("Add", [x, ONNXTensor([1, 2], [2])]) }
        #expect(throws: ONNXFault.self) { try node("Loop", [x]) }
    }

    @Test func convolutions() throws {
        // A map of 2 x 3, a kernel of ones: sums over the neighbourhood, zeros outside.
        let x = try ONNXTensor([1, 2, 3, 4, 5, 6], [1, 1, 2, 3])
        let ones = try ONNXTensor([Float](repeating: 1, count: 9), [1, 1, 3, 3])
        let pads = ["pads": [1, 1, 1, 1]]
        #expect(try node("Conv", [x, ones], pads).values == [12, 21, 16, 12, 21, 16])
        #expect(try node("Conv", [x, ones], pads.merging(["strides": [2, 2]]) { $1 }).values == [12, 16])
        // Two groups: each channel by itself, and a bias.
        let two = try ONNXTensor([1, 2, 3, 4], [1, 2, 1, 2]), factors = try ONNXTensor([10, 100], [2, 1, 1, 1])
        #expect(
            try node("Conv", [two, factors, ONNXTensor([1, 2], [2])], ["group": [2]]).values == [11, 21, 302, 402])
        #expect(try node("GlobalAveragePool", [two]).values == [1.5, 3.5])
        #expect(throws: ONNXFault.self) { try node("Conv", [two, ones]) }
    }

    @Test func layerNorm() throws {
        let x = try ONNXTensor([1, 3], [1, 2])
        let result = try node("LayerNormalization", [x, ONNXTensor([2, 2], [2]), ONNXTensor([1, 1], [2])])
        #expect(abs(result.values[0] + 1) < 1e-4 && abs(result.values[1] - 3) < 1e-4)
    }

    /// Sizes that no file of ours has: what comes of them is no number, no memory, or nothing that is there.
    @Test func sizesOfNoNetwork() throws {
        let map = try ONNXTensor([1, 2, 3, 4, 5, 6], [1, 1, 2, 3]), ones = try ONNXTensor([1], [1, 1, 1, 1])
        let empty = try ONNXTensor([], [0, 1 << 20, 1]), wide = try ONNXTensor([], [1 << 20, 0])
        let tall = try ONNXTensor([], [0, 1 << 20])
        func sizes(_ values: [Int]) throws -> ONNXTensor {
            var tensor = try ONNXTensor(values.map(Float.init), [values.count])
            tensor.integers = values
            return tensor
        }
        for far in [Int.max, Int.min, 1 << 40, -1] {
            for place in 0..<4 {
                var pads = [0, 0, 0, 0]
                pads[place] = far
                #expect(throws: ONNXFault.self) { try node("Conv", [map, ones], ["pads": pads]) }
                #expect(throws: ONNXFault.self) {
                    try node("MaxPool", [map], ["kernel_shape": [1, 1], "pads": pads])
                }
            }
            #expect(throws: ONNXFault.self) { try node("Conv", [map, ones], ["strides": [1, far]]) }
            #expect(throws: ONNXFault.self) { try node("Conv", [map, ones], ["group": [far]]) }
            #expect(throws: ONNXFault.self) { try node("MaxPool", [map], ["kernel_shape": [far, 1]]) }
            #expect(throws: ONNXFault.self) {
                try node("AveragePool", [map], ["kernel_shape": [1, 1], "strides": [far, 1]])
            }
            #expect(throws: ONNXFault.self) { try node("Pad", [empty, sizes([0, far, 0, 0, 0, 0])]) }
            #expect(throws: ONNXFault.self) { try node("Reshape", [map, sizes([far, far, -1])]) }
            #expect(throws: ONNXFault.self) { try ONNXTensor([], [0, far, far]) }
        }
        #expect(throws: ONNXFault.self) { try node("MaxPool", [map], ["kernel_shape": [3, 3]]) }
        #expect(throws: ONNXFault.self) { try node("MatMul", [wide, tall]) }
        #expect(throws: ONNXFault.self) {
            try node(
                "Add",
                [
                    ONNXTensor([Float](repeating: 0, count: 1 << 15), [1 << 15, 1]),
                    ONNXTensor([Float](repeating: 0, count: 1 << 15), [1, 1 << 15]),
                ])
        }
        #expect(try node("MatMul", [ONNXTensor([], [0, 2]), ONNXTensor([1, 2], [2, 1])]).shape == [0, 1])
    }

    /// Constants whose sizes are more than their bytes, in every way that 64 bits have.
    @Test func constantsOfNoSize() throws {
        for dims in [[-1, -1], [1 << 62, 4], [1 << 32, 1 << 32], [Int64.max, 2], [0, -1]] as [[Int64]] {
            for type in [Onnx_TensorProto.DataType.float, .int64] {
                var tensor = Onnx_TensorProto()
                tensor.dataType = Int32(type.rawValue)
                tensor.dims = dims
                tensor.rawData = Data(count: type == .float ? 4 : 8)
                #expect(throws: ONNXFault.self) { try ONNXTensor(tensor) }
            }
        }
    }
}
