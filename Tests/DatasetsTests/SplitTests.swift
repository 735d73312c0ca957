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

/// Parts to which each class gives its share.
@Suite struct StrataTests {
    @Test func everyPrefixHasEveryClass() throws {
        // 600 of class 0, 300 of class 1, 100 of class 2, mixed up.
        let labels = (0..<1000).map { Int32([0, 0, 0, 0, 0, 0, 1, 1, 1, 2][$0 % 10]) }
        let strata = Strata(labels, classes: 3)
        let split = try Split(count: 1000, validation: 200, sampler: 50, seed: 7, strata: strata)
        #expect(
            Set(split.train + split.validation + split.sampler).count == 1000 && split.train == split.train.sorted())
        func counts(_ part: ArraySlice<Int32>) -> [Int] {
            part.reduce(into: [0, 0, 0]) { $0[Int(labels[Int($1)])] += 1 }
        }
        for length in [20, 50, 110, 200] {
            for (found, share) in zip(counts(split.validation[..<length]), [0.6, 0.3, 0.1]) {
                #expect(abs(Double(found) - share * Double(length)) <= 2.5, "\(length): \(found)")
            }
        }
        for (found, share) in zip(counts(split.sampler[...]), [30.0, 15, 5]) {
            #expect(abs(Double(found) - share) <= 2.5)
        }
        #expect(try split == Split(count: 1000, validation: 200, sampler: 50, seed: 7, strata: strata))
        #expect(try split != Split(count: 1000, validation: 200, sampler: 50, seed: 8, strata: strata))
    }

    @Test func drawnSharesAreOfEachClass() {
        let strata = Strata([0, 1, 0, 1, 0, 2, 0, 0], classes: 4)
        let drawn = strata.draw(seed: 1) { $0 / 2 }
        #expect(drawn.count == 3 && drawn == drawn.sorted())
        #expect(
            drawn.filter { [0, 2, 4, 6, 7].contains($0) }.count == 2 && drawn.filter { [1, 3].contains($0) }.count == 1)
    }
}
