import Testing

@testable import Search

@Suite struct KendallTauTests {
    @Test func byHand() {
        // Five pairs agree, one does not.
        #expect(abs(KendallTau([1, 2, 3, 4], [1, 3, 2, 4]).value - 4.0 / 6) < 1e-12)
        // Four pairs agree, one is tied in each list.
        #expect(abs(KendallTau([1, 2, 2, 3], [1, 2, 3, 3]).value - 0.8) < 1e-12)
        #expect(KendallTau([1, 2, 3], [30, 20, 10]).value == -1)
        #expect(KendallTau([1, 1, 1], [1, 2, 3]).value == 0 && KendallTau([], []).value == 0)
    }

    /// Leaving out one of four: 1/3, 1, 1 and 1/3.
    @Test func errorByHand() throws {
        let tau = KendallTau([1, 2, 3, 4], [1, 3, 2, 4])
        #expect(abs(try #require(tau.standardError) - (0.75 * 4.0 / 9).squareRoot()) < 1e-12)
        #expect(KendallTau([1, 2, 3, 4], [1, 2, 3, 4]).standardError == 0)
        #expect(KendallTau([1, 2, 3], [1, 3, 2]).standardError == nil)
    }
}
