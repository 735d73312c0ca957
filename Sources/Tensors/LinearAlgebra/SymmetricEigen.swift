internal import Foundation

/// A = V diag(lambda) V^T of a symmetric matrix.
///
/// Householder reflections make the matrix tridiagonal, implicit QL steps with Wilkinson's shift diagonal.
///
/// Source: Martin, Reinsch and Wilkinson, "Householder's tridiagonalization of a symmetric matrix" (1968); Dubrulle, Martin and
/// Wilkinson, "The implicit QL algorithm" (1968); Golub and Van Loan, "Matrix Computations", section 8.3.
public struct SymmetricEigen: Sendable {
    /// The eigenvalues, in no order.
    public private(set) var values: [Double]
    /// The eigenvectors of length 1 as rows, (eigenvalue, component).
    public private(set) var vectors: DenseMatrix

    /// Decomposes a symmetric matrix, of which only the lower half is read; nil where an element is not finite. O(n^3).
    public init?(_ matrix: DenseMatrix) {
        precondition(matrix.rows == matrix.columns, "a symmetric matrix is square")
        guard matrix.values.allSatisfy(\.isFinite) else { return nil }
        let count = matrix.rows
        values = [Double](repeating: 0, count: count)
        vectors = DenseMatrix(rows: count, columns: count)
        guard count > 0 else { return }
        var off = [Double](repeating: 0, count: count)
        tridiagonalize(matrix, &off)
        guard diagonalize(&off) else { return nil }
    }

    /// Q^T A Q is tridiagonal with ``values`` on its diagonal and `off` below it; ``vectors`` becomes Q^T.
    private mutating func tridiagonalize(_ matrix: DenseMatrix, _ off: inout [Double]) {
        let count = matrix.rows
        var work = matrix
        for row in 0..<count { for column in 0..<row { work[column, row] = work[row, column] } }
        for index in 0..<count { vectors[index, index] = 1 }
        var reflector = [Double](repeating: 0, count: count), image = reflector
        for step in 0..<max(count - 2, 0) {
            let first = step + 1, size = count - first
            var norm = 0.0
            for row in first..<count { norm += work[row, step] * work[row, step] }
            norm = norm.squareRoot()
            guard norm > 0 else { continue }
            let alpha = work[first, step] > 0 ? -norm : norm
            for row in first..<count { reflector[row] = work[row, step] }
            reflector[first] -= alpha
            var square = 0.0
            for row in first..<count { square += reflector[row] * reflector[row] }
            guard square > 0 else { continue }
            let beta = 2 / square
            work.values.withUnsafeMutableBufferPointer { a in
                reflector.withUnsafeBufferPointer { v in
                    image.withUnsafeMutableBufferPointer { p in
                        let source = DenseLoops.Source(a)
                        for row in first..<count {
                            p[row] = beta * DenseLoops.dot(source, row * count + first, v, first, size)
                        }
                        let half = beta / 2 * DenseLoops.dot(DenseLoops.Source(p), first, v, first, size)
                        DenseLoops.add(-half, v, first, to: p, first, size)
                        let w = DenseLoops.Source(p)
                        for row in first..<count {
                            DenseLoops.add(-v[row], w, first, to: a, row * count + first, size)
                            DenseLoops.add(-w[row], v, first, to: a, row * count + first, size)
                        }
                        a[first * count + step] = alpha
                    }
                }
            }
            // Q^T grows from the left: H Q^T.
            vectors.values.withUnsafeMutableBufferPointer { q in
                reflector.withUnsafeBufferPointer { v in
                    image.withUnsafeMutableBufferPointer { sum in
                        for column in 0..<count { sum[column] = 0 }
                        for row in first..<count {
                            DenseLoops.add(v[row], DenseLoops.Source(q), row * count, to: sum, 0, count)
                        }
                        for row in first..<count {
                            DenseLoops.add(-beta * v[row], DenseLoops.Source(sum), 0, to: q, row * count, count)
                        }
                    }
                }
            }
        }
        for index in 0..<count {
            values[index] = work[index, index]
            if index + 1 < count { off[index] = work[index + 1, index] }
        }
    }

    /// Rotates what is below the diagonal away; false where it does not vanish.
    private mutating func diagonalize(_ off: inout [Double]) -> Bool {
        let count = values.count
        for low in 0..<count {
            for _ in 0..<200 {
                var high = low
                while high + 1 < count {
                    let scale = abs(values[high]) + abs(values[high + 1])
                    if abs(off[high]) <= Double.ulpOfOne * scale || abs(off[high]) < 1e-300 { break }
                    high += 1
                }
                if high == low { break }
                var shift = (values[low + 1] - values[low]) / (2 * off[low])
                let root = (shift * shift + 1).squareRoot()
                shift = values[high] - values[low] + off[low] / (shift + (shift < 0 ? -root : root))
                var sine = 1.0, cosine = 1.0, carried = 0.0, isSplit = false
                for index in (low..<high).reversed() {
                    let f = sine * off[index], b = cosine * off[index]
                    let radius = (f * f + shift * shift).squareRoot()
                    off[index + 1] = radius
                    if radius == 0 {
                        values[index + 1] -= carried
                        off[high] = 0
                        isSplit = true
                        break
                    }
                    sine = f / radius
                    cosine = shift / radius
                    shift = values[index + 1] - carried
                    let turn = (values[index] - shift) * sine + 2 * cosine * b
                    carried = sine * turn
                    values[index + 1] = shift + carried
                    shift = cosine * turn - b
                    rotate(index, cosine, sine)
                }
                if isSplit { continue }
                values[low] -= carried
                off[low] = shift
                off[high] = 0
                if high == count - 1 { off[count - 1] = 0 }
            }
        }
        return values.allSatisfy(\.isFinite)
    }

    private mutating func rotate(_ index: Int, _ cosine: Double, _ sine: Double) {
        let count = values.count
        vectors.values.withUnsafeMutableBufferPointer { q in
            let first = index * count, second = first + count
            for column in 0..<count {
                let upper = q[first + column], lower = q[second + column]
                q[second + column] = sine * upper + cosine * lower
                q[first + column] = cosine * upper - sine * lower
            }
        }
    }
}
