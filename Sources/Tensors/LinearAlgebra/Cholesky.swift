internal import Foundation

/// A = L L^T of a symmetric positive definite matrix, and what follows from it.
public struct Cholesky: Sendable {
    /// L, of which what is right of the diagonal is 0.
    public let lower: DenseMatrix

    /// Decomposes a symmetric matrix, of which only the lower half is read; nil where it is not positive definite. O(n^3 / 3).
    public init?(_ matrix: DenseMatrix) {
        precondition(matrix.rows == matrix.columns, "a symmetric matrix is square")
        let count = matrix.rows
        var lower = DenseMatrix(rows: count, columns: count)
        let isPositive = matrix.values.withUnsafeBufferPointer { given in
            lower.values.withUnsafeMutableBufferPointer { out in
                let known = DenseLoops.Source(out)
                for row in 0..<count {
                    let start = row * count
                    for column in 0..<row {
                        let sum = DenseLoops.dot(known, start, known, column * count, column)
                        out[start + column] = (given[start + column] - sum) / out[column * count + column]
                    }
                    let left = given[start + row] - DenseLoops.dot(known, start, known, start, row)
                    guard left > 0, left.isFinite else { return false }
                    out[start + row] = left.squareRoot()
                }
                return true
            }
        }
        guard isPositive else { return nil }
        self.lower = lower
    }

    /// ln |A|.
    public var logDeterminant: Double { (0..<lower.rows).reduce(0) { $0 + 2 * log(lower[$1, $1]) } }

    /// L^-1 b.
    public func forward(_ vector: [Double]) -> [Double] {
        let count = lower.rows
        precondition(vector.count == count, "a right side has an element for each row")
        var result = vector
        lower.values.withUnsafeBufferPointer { lower in
            result.withUnsafeMutableBufferPointer { out in
                for row in 0..<count {
                    let sum = DenseLoops.dot(lower, row * count, DenseLoops.Source(out), 0, row)
                    out[row] = (out[row] - sum) / lower[row * count + row]
                }
            }
        }
        return result
    }

    /// (L^-1)^T: row j has column j of the inverse, what is left of the diagonal is 0. O(n^3 / 3).
    public var transposedInverse: DenseMatrix {
        let count = lower.rows
        var result = DenseMatrix(rows: count, columns: count)
        lower.values.withUnsafeBufferPointer { lower in
            result.values.withUnsafeMutableBufferPointer { out in
                for column in 0..<count {
                    let start = column * count
                    out[start + column] = 1 / lower[start + column]
                    for row in (column + 1)..<max(count, column + 1) {
                        let sum = DenseLoops.dot(
                            lower, row * count + column, DenseLoops.Source(out), start + column, row - column)
                        out[start + row] = -sum / lower[row * count + row]
                    }
                }
            }
        }
        return result
    }
}

extension DenseMatrix {
    /// X X^T of a matrix whose rows are 0 left of the diagonal, such as ``Cholesky/transposedInverse``: then A^-1.
    public var upperTimesTransposed: DenseMatrix {
        var result = DenseMatrix(rows: rows, columns: rows)
        values.withUnsafeBufferPointer { source in
            result.values.withUnsafeMutableBufferPointer { out in
                for row in 0..<rows {
                    for column in 0...row {
                        let sum = DenseLoops.dot(
                            source, row * columns + row, source, column * columns + row, columns - row)
                        out[row * rows + column] = sum
                        out[column * rows + row] = sum
                    }
                }
            }
        }
        return result
    }
}
