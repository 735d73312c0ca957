internal import CKernels

// Flat passes: sums, copies, updates, and the way to the host. What each method does is said at `Backend`.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Kernels {
    public func add(_ x: MatrixView, scaledBy a: Float, to y: MatrixView) {
        x.forEachRun(with: y) { source, target, count in functions.add_scaled(count, a, source, target) }
    }

    public func scale(_ x: MatrixView, by a: Float) {
        x.forEachRun { base, count in functions.scale(count, a, base) }
    }

    public func add(_ value: Float, to x: MatrixView) {
        x.forEachRun { base, count in for index in 0..<count { base[index] += value } }
    }

    public func sum(of x: MatrixView) -> Float {
        var total: Float = 0
        x.forEachRun { base, count in for index in 0..<count { total += base[index] } }
        return total
    }

    public func sumOfSquares(_ x: MatrixView) -> Double {
        precondition(x.isContiguous, "one row is summed")
        return functions.sum_of_squares(x.rows * x.columns, x.base)
    }

    public func sum(_ shards: ShardBuffers, at offset: Int, accumulating: Bool, into y: MatrixView) {
        guard y.rows > 0, let sources = shards.addresses.baseAddress else { return }
        precondition(
            offset >= 0 && offset + (y.rows - 1) * y.stride + y.columns <= shards.floatCount,
            "a slice lies inside its buffer")
        if ShardTree.isSequential {
            sumInSequence(shards, at: offset, accumulating: accumulating, into: y)
            return
        }
        y.forEachRun { base, count in
            functions.sum_sources(
                count, sources, shards.count, offset + (base - y.base), accumulating ? 1 : 0, base)
        }
    }

    public func add(_ shards: ShardBuffers, parts: [ShardBuffers.Part], at offset: Int, to y: MatrixView) {
        precondition(
            parts.count == shards.count && parts.allSatisfy { $0.rows <= y.rows && $0.columns <= y.columns },
            "each shard has a part of the matrix")
        precondition(
            y.rows == 0 || offset >= 0 && offset + (y.rows - 1) * y.stride + y.columns <= shards.floatCount,
            "a slice lies inside its buffer")
        let piece = shards.zeros.count
        withUnsafeTemporaryAllocation(of: UnsafePointer<Float>?.self, capacity: shards.count) { sources in
            guard let list = sources.baseAddress.map({ UnsafePointer($0) }) else { return }
            /// Adds up a run of places, of which a shard has all or none.
            func add(at place: Int, count: Int, _ isThere: [Bool]) {
                for shard in 0..<shards.count {
                    let own = shards.addresses[shard].map { $0 + offset + place }
                    sources.initializeElement(at: shard, to: isThere[shard] ? own : UnsafePointer(shards.zeros.base))
                }
                functions.sum_sources(count, list, shards.count, 0, 1, y.base + place)
            }
            var top = 0
            for bottom in Set(parts.map(\.rows)).sorted() where bottom > top {
                let tall = parts.map { $0.rows >= bottom ? $0.columns : 0 }
                var left = 0
                for right in Set(tall).sorted() where right > left {
                    let isThere = tall.map { $0 >= right }
                    if left == 0, right == y.stride, !isThere.contains(false) {
                        add(at: top * y.stride, count: (bottom - top) * right, isThere)
                    } else {
                        for row in top..<bottom {
                            for start in stride(from: left, to: right, by: piece) {
                                add(at: row * y.stride + start, count: min(piece, right - start), isThere)
                            }
                        }
                    }
                    left = right
                }
                top = bottom
            }
        }
    }

    /// The order of earlier versions, slowly: (y when accumulating) + ((s0 + s1) + s2) and so on.
    private func sumInSequence(_ shards: ShardBuffers, at offset: Int, accumulating: Bool, into y: MatrixView) {
        for row in 0..<y.rows {
            let target = y.row(row)
            for column in target.indices {
                let place = offset + row * y.stride + column
                var total = shards[0].base[place]
                for shard in 1..<max(1, shards.count) { total += shards[shard].base[place] }
                target[column] = accumulating ? target[column] + total : total
            }
        }
    }

    public func copy(_ x: MatrixView, to y: MatrixView) {
        x.forEachRun(with: y) { source, target, count in target.update(from: source, count: count) }
    }

    public func fill(_ x: MatrixView, with value: Float) {
        guard value.bitPattern == 0 else {
            return x.forEachRun { base, count in base.update(repeating: value, count: count) }
        }
        // Bytes of 0 become memset, which has the widest stores.
        x.forEachRun { base, count in
            UnsafeMutableRawPointer(base).initializeMemory(
                as: UInt8.self, repeating: 0, count: count * MemoryLayout<Float>.stride)
        }
    }

    public func isFinite(_ x: MatrixView) -> Bool {
        var isFinite = true
        x.forEachRun { base, count in
            for index in 0..<count where !base[index].isFinite {
                isFinite = false
                return
            }
        }
        return isFinite
    }

    public func adamW(
        weights: MatrixView, gradient: MatrixView, mean: MatrixView, variance: MatrixView, _ update: AdamWUpdate
    ) {
        check(gradient, columns: weights.columns)
        check(mean, columns: weights.columns)
        check(variance, columns: weights.columns)
        functions.adamw(
            weights.columns, weights.base, gradient.base, mean.base, variance.base, update.rate, update.beta1,
            update.beta2, update.epsilon, update.correction1, update.correction2, update.decay, update.gradientScale)
    }

    public func sgd(
        weights: MatrixView, gradient: MatrixView, velocity: MatrixView, rate: Float, momentum: Float, decay: Float,
        isNesterov: Bool, gradientScale: Float
    ) {
        check(gradient, columns: weights.columns)
        check(velocity, columns: weights.columns)
        (isNesterov ? functions.nesterov : functions.sgd)(
            weights.columns, weights.base, gradient.base, velocity.base, rate, momentum, decay, gradientScale)
    }

    // MARK: To and from the host

    public func fill(_ x: MatrixView, by value: (Int) -> Float) {
        for row in 0..<x.rows {
            let target = x.row(row)
            for column in target.indices { target[column] = value(row * x.columns + column) }
        }
    }

    public func upload(_ values: UnsafeBufferPointer<Float>, to x: MatrixView) {
        precondition(values.count == x.rows * x.columns, "a matrix takes as many values as it has")
        guard let source = values.baseAddress else { return }
        for row in 0..<x.rows { (x.base + row * x.stride).update(from: source + row * x.columns, count: x.columns) }
    }

    public func download(_ x: MatrixView, into values: UnsafeMutableBufferPointer<Float>) {
        precondition(values.count == x.rows * x.columns, "a matrix gives as many values as it has")
        guard let target = values.baseAddress else { return }
        for row in 0..<x.rows { (target + row * x.columns).update(from: x.base + row * x.stride, count: x.columns) }
    }
}
