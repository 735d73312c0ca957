import Tensors
import TestSupport
import Testing

@Suite struct CounterRandomTests {
    /// The first known answer of Philox 4x32-10 published with the method: counter 0, key 0.
    @Test func knownAnswer() {
        let words = CounterRandom(seed: 0, stream: .initialization).block(step: 0, index: 0)
        #expect(words == SIMD4(0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8))
    }

    @Test func streamsStepsIndicesAndSeedsAreApart() {
        var seen: Set<SIMD4<UInt32>> = []
        var drawn = 0
        for seed in [0, 1, 1 << 40] as [UInt64] {
            for stream in RandomStream.allCases {
                let source = CounterRandom(seed: seed, stream: stream)
                for step in [0, 1, 1 << 33] as [UInt64] {
                    for index in 0..<4 as Range<UInt32> {
                        seen.insert(source.block(step: step, index: index))
                        drawn += 1
                    }
                }
            }
        }
        #expect(seen.count == drawn)
    }

    @Test func generatorReadsTheBlocksInOrder() {
        let source = CounterRandom(seed: 7, stream: .search)
        var generator = source.generator(step: 3)
        for index in 0..<8 as Range<UInt32> {
            let words = source.block(step: 3, index: index)
            #expect(generator.next() == UInt64(words.x) | UInt64(words.y) << 32)
            #expect(generator.next() == UInt64(words.z) | UInt64(words.w) << 32)
        }
    }

    /// Chi-square over 16 bins of 32,000 draws: 15 degrees of freedom, p = 0.001 at 37.7.
    @Test func uniformIsUniform() {
        let source = CounterRandom(seed: 11, stream: .dropout)
        var counts = [Int](repeating: 0, count: 16)
        for index in 0..<32_000 as Range<UInt32> {
            let value = source.uniform(step: 5, index: index)
            #expect(value >= 0 && value < 1)
            counts[Int(value * 16)] += 1
        }
        let statistic = counts.map { ($0 - 2000) * ($0 - 2000) }.reduce(0, +)
        #expect(Double(statistic) / 2000 < 37.7)
    }
}
