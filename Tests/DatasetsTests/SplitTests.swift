import Testing

@testable import Datasets

@Suite struct SplitTests {
    @Test func partsAreDisjointAndCoverAll() throws {
        let split = try Split(count: 1000, validation: 200, sampler: 100, seed: 7)
        #expect(split.validation.count == 200)
        #expect(split.sampler.count == 100)
        #expect((split.train + split.validation + split.sampler).sorted() == (0..<1000).map(Int32.init))
    }

    @Test func seedDecides() throws {
        let first = try Split(count: 1000, validation: 200, sampler: 100, seed: 7)
        #expect(try first == Split(count: 1000, validation: 200, sampler: 100, seed: 7))
        #expect(try first != Split(count: 1000, validation: 200, sampler: 100, seed: 8))
    }

    @Test(arguments: [(10, 10, 0), (10, 5, 5), (10, -1, 0), (10, 0, -1), (10, Int.max, 1), (0, 0, 0)])
    func impossibleSizesAreRefused(count: Int, validation: Int, sampler: Int) {
        #expect {
            try Split(count: count, validation: validation, sampler: sampler, seed: 0)
        } throws: { error in
            guard case DatasetError.invalidSplit = error else { return false }
            return "\(error)".contains("lower the sizes")
        }
    }
}
