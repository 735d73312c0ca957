internal import Foundation
internal import SearchSpaces
internal import Supernets
internal import Tensors

/// What a mixture's routers make of a fixed panel of architectures: the smallest, the largest and some random ones.
///
/// | name | place | value |
/// |---|---|---|
/// | routerEntropy | router | entropy of the mixing weights in units of ln m, the mean; 1 where all experts weigh alike |
/// | routerVariance | router | variance of a mixing weight over the architectures, the mean; 0 where routing does nothing |
/// | mixingSmallest, mixingLargest | router * m + expert | the expert's mean weight in that architecture |
struct RouterFigures {
    let mixture: Mixture
    let supernet: any Supernet
    let kernels: Kernels

    private static let randomCount = 14

    /// The figures of the routers as they are.
    func figures(step: Int, values: FloatBuffer) -> [SamplerFigure] {
        let space = supernet.space
        // Of every run of a space the same.
        var numbers = CounterRandom(seed: 0, stream: .search).generator(step: 0)
        let random = (0..<Self.randomCount).map { _ in space.randomGenome(using: &numbers) }
        let room = MixtureRoom(mixture, floats: 0, isTraining: false)
        let all = ([space.smallest, space.largest] + random).map { genome in
            mixture.mixing(of: genome, in: supernet, values: values, room: room, with: kernels)
        }
        var result: [SamplerFigure] = []
        for site in mixture.sites.indices {
            let present = all.map { $0[site] }.filter { !$0.isEmpty }
            result.append(SamplerFigure(step: step, name: "routerEntropy", bin: site, value: entropy(present)))
            result.append(SamplerFigure(step: step, name: "routerVariance", bin: site, value: variance(present)))
            for (name, rows) in [("mixingSmallest", all[0][site]), ("mixingLargest", all[1][site])]
            where !rows.isEmpty {
                for expert in 0..<mixture.settings.experts {
                    let mean = rows.map { Double($0[expert]) }.reduce(0, +) / Double(rows.count)
                    result.append(
                        SamplerFigure(
                            step: step, name: name, bin: site * mixture.settings.experts + expert, value: mean))
                }
            }
        }
        return result
    }

    private func entropy(_ architectures: [[[Float]]]) -> Double {
        let rows = architectures.joined()
        let total = rows.map { row in
            row.map { $0 > 0 ? -Double($0) * log(Double($0)) : 0 }.reduce(0, +)
        }.reduce(0, +)
        return total / Double(max(1, rows.count)) / log(Double(mixture.settings.experts))
    }

    /// Over the neurons that all of them have.
    private func variance(_ architectures: [[[Float]]]) -> Double {
        let count = Double(architectures.count), rows = architectures.map(\.count).min() ?? 0
        guard count > 1, rows > 0 else { return 0 }
        var total = 0.0
        for row in 0..<rows {
            for expert in 0..<mixture.settings.experts {
                let weights = architectures.map { Double($0[row][expert]) }
                let mean = weights.reduce(0, +) / count
                total += weights.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / count
            }
        }
        return total / Double(rows * mixture.settings.experts)
    }
}
