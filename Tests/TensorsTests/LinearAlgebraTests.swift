import Foundation
import Testing

@testable import Tensors

@Suite struct LinearAlgebraTests {
    func random(_ rows: Int, _ columns: Int, seed: UInt64) -> DenseMatrix {
        var generator = CounterGenerator(seed: seed, stream: .search, step: 0)
        return DenseMatrix(
            (0..<rows).map { _ in (0..<columns).map { _ in Double.random(in: -1...1, using: &generator) } },
            columns: columns)
    }

    func isClose(_ left: DenseMatrix, _ right: DenseMatrix, within tolerance: Double = 1e-11) -> Bool {
        left.rows == right.rows && left.columns == right.columns
            && zip(left.values, right.values).allSatisfy { abs($0 - $1) <= tolerance }
    }

    func identity(_ count: Int, times factor: Double = 1) -> DenseMatrix {
        var result = DenseMatrix(rows: count, columns: count)
        for index in 0..<count { result[index, index] = factor }
        return result
    }

    @Test func byHand() throws {
        let cholesky = try #require(Cholesky(DenseMatrix([[4, 0], [2, 5]], columns: 2)))
        #expect(cholesky.lower == DenseMatrix([[2, 0], [1, 2]], columns: 2))
        #expect(abs(cholesky.logDeterminant - log(16)) < 1e-15)
        #expect(cholesky.forward([4, 6]) == [2, 2])
        #expect(cholesky.transposedInverse == DenseMatrix([[0.5, -0.25], [0, 0.5]], columns: 2))
        #expect(
            cholesky.transposedInverse.upperTimesTransposed
                == DenseMatrix([[0.3125, -0.125], [-0.125, 0.25]], columns: 2))
        #expect(Cholesky(DenseMatrix([[1, 2], [2, 1]], columns: 2)) == nil)
        #expect(Cholesky(DenseMatrix([[.nan]], columns: 1)) == nil)
        let eigen = try #require(SymmetricEigen(DenseMatrix([[2, 0], [1, 2]], columns: 2)))
        let sorted = eigen.values.sorted()
        #expect(abs(sorted[0] - 1) < 1e-15 && abs(sorted[1] - 3) < 1e-15)
        #expect(eigen.vectors.rowSquares.allSatisfy { abs($0 - 1) < 1e-15 })
        let product = DenseMatrix([[1, 2], [3, 4]], columns: 2)
        #expect(product.times([1, -1]) == [-1, -1] && product.transposedTimes([1, -1]) == [-2, -2])
        #expect(product.timesTransposed(product) == DenseMatrix([[5, 11], [11, 25]], columns: 2))
        #expect(product.lowerGram == DenseMatrix([[5, 0], [11, 25]], columns: 2))
        #expect(product.transposed == DenseMatrix([[1, 3], [2, 4]], columns: 2) && product.columnMeans == [2, 3])
        #expect(product.shifted(by: [1, 2], scaled: [2, 1]) == DenseMatrix([[0, 0], [4, 2]], columns: 2))
        #expect(product.columns(1..<2) == DenseMatrix([[2], [4]], columns: 1))
        #expect(product.selecting([1, 1]) == DenseMatrix([[3, 4], [3, 4]], columns: 2))
    }

    @Test(arguments: [0, 1, 2, 3, 7, 16, 33, 90]) func decompositionsGiveTheMatrixBack(count: Int) throws {
        let root = random(count, count, seed: UInt64(count)), plain = root.transposed
        var symmetric = root
        symmetric.update(with: plain) { _, _, left, right in left + right }
        let eigen = try #require(SymmetricEigen(symmetric)), columns = eigen.vectors.transposed
        let scaled = columns.shifted(by: eigen.values.map { _ in 0 }, scaled: eigen.values)
        #expect(isClose(scaled.timesTransposed(columns), symmetric))
        var positive = root.timesTransposed(root)
        for index in 0..<count { positive[index, index] += 0.1 }
        let cholesky = try #require(Cholesky(positive))
        #expect(isClose(cholesky.lower.timesTransposed(cholesky.lower), positive))
        let inverse = cholesky.transposedInverse.upperTimesTransposed
        #expect(isClose(inverse.timesTransposed(positive), identity(count), within: 1e-9))
    }

    /// Equal and vanishing eigenvalues.
    @Test func degenerateMatrices() throws {
        #expect(try #require(SymmetricEigen(DenseMatrix(rows: 5, columns: 5))).values == [0, 0, 0, 0, 0])
        #expect(try #require(SymmetricEigen(identity(4, times: 3))).values == [3, 3, 3, 3])
        let thin = random(40, 3, seed: 9)
        let eigen = try #require(SymmetricEigen(thin.timesTransposed(thin)))
        #expect(eigen.values.count { $0 > 1e-10 } == 3)
        #expect(eigen.values.allSatisfy { $0 > -1e-12 })
        #expect(isClose(eigen.vectors.timesTransposed(eigen.vectors), identity(40)))
        #expect(SymmetricEigen(DenseMatrix([[.infinity]], columns: 1)) == nil)
    }
}
