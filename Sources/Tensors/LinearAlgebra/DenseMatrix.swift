/// A row-major matrix in 64 bits, for the few hundred rows that predictors are fitted to.
///
/// Its loops are written for vectors of a fixed width and add up in a fixed order, so that the bits are those of every
/// processor: what a search asks depends on them.
public struct DenseMatrix: Sendable, Equatable {
    /// Number of rows.
    public let rows: Int
    /// Number of columns.
    public let columns: Int
    /// The elements, row after row.
    var values: [Double]

    /// Creates a matrix of zeros.
    public init(rows: Int, columns: Int) {
        precondition(rows >= 0 && columns >= 0, "a matrix has no negative side")
        self.rows = rows
        self.columns = columns
        values = [Double](repeating: 0, count: rows * columns)
    }

    /// Creates a matrix of rows of one length.
    ///
    /// - Parameter columns: The length of a row, for a matrix without any.
    public init(_ rows: [[Double]], columns: Int) {
        precondition(rows.allSatisfy { $0.count == columns }, "the rows of a matrix have one length")
        self.rows = rows.count
        self.columns = columns
        values = Array(rows.joined())
    }

    /// An element.
    public subscript(row: Int, column: Int) -> Double {
        get { values[row * columns + column] }
        set { values[row * columns + column] = newValue }
    }

    /// A row.
    public subscript(row: Int) -> ArraySlice<Double> { values[row * columns..<(row + 1) * columns] }

    /// Some rows, in the order given.
    public func selecting(_ places: [Int]) -> DenseMatrix {
        var result = DenseMatrix(rows: places.count, columns: columns)
        for (row, place) in places.enumerated() {
            result.values.replaceSubrange(row * columns..<(row + 1) * columns, with: self[place])
        }
        return result
    }

    /// The mean of each column; 0 without rows.
    public var columnMeans: [Double] {
        var means = [Double](repeating: 0, count: columns)
        for row in 0..<rows { for (column, value) in self[row].enumerated() { means[column] += value } }
        return means.map { $0 / Double(max(rows, 1)) }
    }

    /// Element (i, j) is `(a[i, j] - shift[j]) * scale[j]`.
    public func shifted(by shift: [Double], scaled scale: [Double]? = nil) -> DenseMatrix {
        var result = self
        for row in 0..<rows {
            for column in 0..<columns {
                let value = values[row * columns + column] - shift[column]
                result.values[row * columns + column] = value * (scale?[column] ?? 1)
            }
        }
        return result
    }

    /// Some columns.
    public func columns(_ range: Range<Int>) -> DenseMatrix {
        var result = DenseMatrix(rows: rows, columns: range.count)
        for row in 0..<rows {
            let start = row * columns
            result.values.replaceSubrange(
                row * range.count..<(row + 1) * range.count,
                with: values[start + range.lowerBound..<start + range.upperBound])
        }
        return result
    }

    /// The sum of the squares of each row.
    public var rowSquares: [Double] {
        values.withUnsafeBufferPointer { source in
            (0..<rows).map { DenseLoops.dot(source, $0 * columns, source, $0 * columns, columns) }
        }
    }

    /// Replaces each element by a function of its row, its column, itself and the element of another matrix.
    ///
    /// - Parameter isLower: Whether the half that is right of the diagonal stays as it is.
    public mutating func update(
        with other: DenseMatrix, isLower: Bool = false, _ change: (Int, Int, Double, Double) -> Double
    ) {
        precondition(rows == other.rows && columns == other.columns, "matrices of one shape")
        for row in 0..<rows {
            for column in 0..<(isLower ? min(row + 1, columns) : columns) {
                let place = row * columns + column
                values[place] = change(row, column, values[place], other.values[place])
            }
        }
    }

    /// The transposed matrix.
    public var transposed: DenseMatrix {
        var result = DenseMatrix(rows: columns, columns: rows)
        for row in 0..<rows {
            for column in 0..<columns { result.values[column * rows + row] = values[row * columns + column] }
        }
        return result
    }

    /// A B^T, of (rows, columns) and (other rows, columns). O(rows x other rows x columns).
    public func timesTransposed(_ other: DenseMatrix) -> DenseMatrix {
        precondition(columns == other.columns, "rows that are multiplied have one length")
        var result = DenseMatrix(rows: rows, columns: other.rows)
        values.withUnsafeBufferPointer { left in
            other.values.withUnsafeBufferPointer { right in
                result.values.withUnsafeMutableBufferPointer { out in
                    for row in 0..<rows {
                        for column in 0..<other.rows {
                            out[row * other.rows + column] = DenseLoops.dot(
                                left, row * columns, right, column * columns, columns)
                        }
                    }
                }
            }
        }
        return result
    }

    /// A A^T, the half that is right of the diagonal left at 0. O(rows^2 x columns / 2).
    public var lowerGram: DenseMatrix {
        var result = DenseMatrix(rows: rows, columns: rows)
        values.withUnsafeBufferPointer { source in
            result.values.withUnsafeMutableBufferPointer { out in
                for row in 0..<rows {
                    for column in 0...row {
                        out[row * rows + column] = DenseLoops.dot(
                            source, row * columns, source, column * columns, columns)
                    }
                }
            }
        }
        return result
    }

    /// A^T x: the sum of the rows, each times its weight.
    public func transposedTimes(_ weights: [Double]) -> [Double] {
        precondition(weights.count == rows, "each row has a weight")
        var result = [Double](repeating: 0, count: columns)
        values.withUnsafeBufferPointer { source in
            result.withUnsafeMutableBufferPointer { out in
                for row in 0..<rows where weights[row] != 0 {
                    DenseLoops.add(weights[row], source, row * columns, to: out, 0, columns)
                }
            }
        }
        return result
    }

    /// A x.
    public func times(_ vector: [Double]) -> [Double] {
        precondition(vector.count == columns, "a row and a vector that are multiplied have one length")
        return values.withUnsafeBufferPointer { left in
            vector.withUnsafeBufferPointer { right in
                (0..<rows).map { DenseLoops.dot(left, $0 * columns, right, 0, columns) }
            }
        }
    }
}

/// Loops over vectors of doubles; sums are taken in sixteen lanes, then lane after lane, whatever the processor.
enum DenseLoops {
    typealias Source = UnsafeBufferPointer<Double>
    typealias Target = UnsafeMutableBufferPointer<Double>
    private typealias Lanes = SIMD8<Double>

    /// The sum of a[i] b[i] from two places on.
    @inline(__always)
    static func dot(_ a: Source, _ from: Int, _ b: Source, _ at: Int, _ count: Int) -> Double {
        guard count > 0, let first = a.baseAddress, let second = b.baseAddress else { return 0 }
        let left = UnsafeRawPointer(first + from), right = UnsafeRawPointer(second + at)
        var low = Lanes.zero, high = Lanes.zero, index = 0
        while index + 16 <= count {
            let byte = index * 8
            low +=
                left.loadUnaligned(fromByteOffset: byte, as: Lanes.self)
                * right.loadUnaligned(fromByteOffset: byte, as: Lanes.self)
            high +=
                left.loadUnaligned(fromByteOffset: byte + 64, as: Lanes.self)
                * right.loadUnaligned(fromByteOffset: byte + 64, as: Lanes.self)
            index += 16
        }
        let four = (low + high).lowHalf + (low + high).highHalf, two = four.lowHalf + four.highHalf
        var sum = two.x + two.y
        while index < count {
            sum += first[from + index] * second[at + index]
            index += 1
        }
        return sum
    }

    /// b[i] += factor a[i] from two places on; both may lie in one array where they do not overlap.
    @inline(__always)
    static func add(_ factor: Double, _ a: Source, _ from: Int, to b: Target, _ at: Int, _ count: Int) {
        guard count > 0, let first = a.baseAddress, let second = b.baseAddress else { return }
        let left = UnsafeRawPointer(first + from), right = UnsafeMutableRawPointer(second + at)
        var index = 0
        while index + 8 <= count {
            let byte = index * 8
            let value =
                right.loadUnaligned(fromByteOffset: byte, as: Lanes.self)
                + factor * left.loadUnaligned(fromByteOffset: byte, as: Lanes.self)
            right.storeBytes(of: value, toByteOffset: byte, as: Lanes.self)
            index += 8
        }
        while index < count {
            second[at + index] += factor * first[from + index]
            index += 1
        }
    }
}
