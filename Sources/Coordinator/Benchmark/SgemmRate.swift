internal import Foundation
public import Tensors
public import Training

/// The machine's own rate of large matrix products, against which an engine is to be measured.
public enum SgemmRate {
    /// Billions of floating-point operations a second, every worker multiplying square matrices of its own.
    ///
    /// The best of several rounds; a multiply-add counts as two operations.
    /// - Parameter kernels: Whose products; by the machine's own rate that of OpenBLAS is meant.
    public static func measure(pool: WorkerPool, kernels: Kernels, size: Int = 768, rounds: Int = 6) -> Double {
        let buffers = (0..<pool.count * 3).map { _ in FloatBuffer(count: size * size) }
        for buffer in buffers { kernels.fill(buffer.whole) { Float($0 % 13) / 16 - 0.4 } }
        var best = 0.0
        for _ in 0..<rounds {
            let start = ContinuousClock.now
            pool.run(pool.count) { _, item in
                let views = (0..<3).map { buffers[item * 3 + $0].matrix(rows: size, columns: size) }
                for _ in 0..<4 {
                    kernels.multiply(views[0], transposed: false, views[1], transposed: true, into: views[2])
                }
            }
            let work = Double(pool.count) * 4 * 2 * Double(size) * Double(size) * Double(size)
            best = max(best, work / start.duration(to: .now).seconds / 1e9)
        }
        return best
    }
}

extension Duration {
    /// The duration in seconds.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
