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
}
