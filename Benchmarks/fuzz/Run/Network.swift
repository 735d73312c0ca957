import Foundation
import SwiftProtobuf

@testable import Exporters

extension Format {
    /// ONNX, read back by the interpreter that checks exports.
    static let network = Format(
        name: "onnx",
        read: { bytes in
            guard bytes.count < 1 << 18, let reader = attempt({ try ONNXInterpreter(Data(bytes)) }) else { return }
            for (input, width) in [("images", 784), ("features", 4)] {
                for output in ["logits", "values"] {
                    _ = attempt({
                        try reader.run(
                            [[Float](repeating: 0.5, count: width)], input: input, output: output)
                    })
                }
            }
        },
        repair: change)

    /// What sizes are changed to.
    private static let far: [Int64] = [-1, 0, 1, 2, 3, 1 << 20, 1 << 31, 1 << 40, .max, .min]

    /// Changes what a graph says, which is a small part of its bytes.
    private static let change: @Sendable (inout [UInt8]) -> Void = { bytes in
        guard var model = try? Onnx_ModelProto(serializedBytes: Data(bytes)), !model.graph.node.isEmpty else { return }
        var state = bytes.reduce(UInt64(14_695_981_039_346_656_037)) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
        func pick(_ count: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(max(1, count)))
        }
        for _ in 0...pick(3) {
            let place = pick(model.graph.node.count), value = far[pick(far.count)]
            switch pick(5) {
            case 0:
                guard !model.graph.node[place].attribute.isEmpty else { continue }
                let which = pick(model.graph.node[place].attribute.count)
                let count = model.graph.node[place].attribute[which].ints.count
                if count > 0 { model.graph.node[place].attribute[which].ints[pick(count)] = value }
                model.graph.node[place].attribute[which].i = value
            case 1: model.graph.node[place].opType = model.graph.node[pick(model.graph.node.count)].opType
            case 2:
                guard !model.graph.node[place].input.isEmpty else { continue }
                let other = model.graph.node[pick(model.graph.node.count)]
                let names = other.input + other.output
                if !names.isEmpty {
                    model.graph.node[place].input[pick(model.graph.node[place].input.count)] = names[pick(names.count)]
                }
            default:
                guard !model.graph.initializer.isEmpty else { continue }
                let which = pick(model.graph.initializer.count)
                if model.graph.initializer[which].dataType == Int32(Onnx_TensorProto.DataType.int64.rawValue) {
                    withUnsafeBytes(of: value) {
                        model.graph.initializer[which].rawData.replaceSubrange(
                            0..<min(8, model.graph.initializer[which].rawData.count), with: $0)
                    }
                } else if !model.graph.initializer[which].dims.isEmpty {
                    model.graph.initializer[which].dims.swapAt(0, pick(model.graph.initializer[which].dims.count))
                    if pick(4) == 0 { model.graph.initializer[which].dims[0] = value }
                }
            }
        }
        if let changed: Data = try? model.serializedBytes() { bytes = Array(changed) }
    }
}
