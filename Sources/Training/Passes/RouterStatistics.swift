internal import Foundation
internal import SearchSpaces
internal import Supernets
internal import Tensors

/// What a mixture's routers make of a fixed panel of architectures (the smallest, the largest and some random ones), and
/// how alike its experts have learned.
///
/// | name | place | value |
/// |---|---|---|
/// | routerEntropy | router | entropy of the mixing weights in units of ln m, the mean; 1 where all experts weigh alike |
/// | routerVariance | router | variance of a mixing weight over the architectures, the mean; 0 where routing does nothing |
/// | mixingSmallest, mixingLargest | router * m + expert | the expert's mean weight in that architecture |
/// | expertMoves | router | cosine of what two experts have learned, their values minus their initial ones; the mean over pairs |
struct RouterStatistics {
    let mixture: Mixture
    let supernet: any Supernet
    let kernels: any Backend

    private static let randomCount = 14

    /// The statistics of routers and experts as they are.
    ///
    /// - Parameter initial: The values that the training began with; nil where nobody knows them.
    func statistics(step: Int, values: FloatBuffer, initial: FloatBuffer? = nil) -> [SamplerStatistic] {
        let space = supernet.space
        // Of every run of a space the same.
        var numbers = CounterRandom(seed: 0, stream: .search).generator(step: 0)
        let random = (0..<Self.randomCount).map { _ in space.randomGenome(using: &numbers) }
        let room = MixtureRoom(mixture, floats: 0, isTraining: false)
        let panel = ([space.smallest, space.largest] + random).map { genome in
            (encoding: mixture.encode(genome, in: space), sites: mixture.parts(of: supernet.slices(of: genome)).sites)
        }
        let experts = mixture.settings.experts
        var result: [SamplerStatistic] = []
        for site in mixture.sites.indices {
            // Rows of experts, one list for each architecture that has the layer.
            let all = panel.map { member in
                member.sites.first { $0.site == site }.map {
                    mixture.mixing($0, encoding: member.encoding, values: values, room: room, with: kernels)
                }
            }
            let present = all.compactMap { $0 }
            result.append(SamplerStatistic(step: step, name: "routerEntropy", bin: site, value: entropy(present)))
            result.append(SamplerStatistic(step: step, name: "routerVariance", bin: site, value: variance(present)))
            if let initial,
                let moves = mixture.cosineOfMoves(ofSite: site, values: values, initial: initial, with: kernels)
            {
                result.append(SamplerStatistic(step: step, name: "expertMoves", bin: site, value: moves))
            }
            for (name, own) in [("mixingSmallest", all[0]), ("mixingLargest", all[1])] {
                guard let own else { continue }
                for expert in 0..<experts {
                    let weights = stride(from: expert, to: own.count, by: experts).map { Double(own[$0]) }
                    result.append(
                        SamplerStatistic(
                            step: step, name: name, bin: site * experts + expert,
                            value: weights.reduce(0, +) / Double(weights.count)))
                }
            }
        }
        return result
    }

    private func entropy(_ architectures: [[Float]]) -> Double {
        var total = 0.0, count = 0
        for weights in architectures {
            for weight in weights where weight > 0 { total -= Double(weight) * log(Double(weight)) }
            count += weights.count / mixture.settings.experts
        }
        return total / Double(max(1, count)) / log(Double(mixture.settings.experts))
    }

    /// Over the neurons that all of them have.
    private func variance(_ architectures: [[Float]]) -> Double {
        let count = Double(architectures.count), common = architectures.map(\.count).min() ?? 0
        guard count > 1, common > 0 else { return 0 }
        var total = 0.0
        for at in 0..<common {
            let mean = architectures.map { Double($0[at]) }.reduce(0, +) / count
            total += architectures.map { (Double($0[at]) - mean) * (Double($0[at]) - mean) }.reduce(0, +) / count
        }
        return total / Double(common)
    }
}
