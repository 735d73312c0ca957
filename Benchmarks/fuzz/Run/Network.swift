import Foundation

@testable import Exporters

extension Format {
    /// ONNX, read back by the interpreter that checks exports.
    static let network = Format(name: "onnx") { bytes in
        guard bytes.count < 1 << 18, let reader = attempt({ try ONNXInterpreter(Data(bytes)) }) else { return }
        for (input, width) in [("images", 784), ("features", 4)] {
            for output in ["logits", "values"] {
                _ = attempt({
                    try reader.run(
                        [[Float](repeating: 0.5, count: width)], input: input, output: output)
                })
            }
        }
    }
}
