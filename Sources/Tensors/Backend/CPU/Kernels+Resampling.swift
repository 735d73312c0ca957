extension Kernels {
    /// Images at another size; see ``ImageOperations/resample(_:_:room:into:)``.
    ///
    /// Sums in the order of places, one product after the other: the same bits on every vector path, and no part of the digest.
    public func resample(_ images: MatrixView, _ resampling: Resampling, room: MatrixView, into y: MatrixView) {
        let channels = images.columns / resampling.places
        let rowLength = resampling.width * channels, outLength = resampling.outWidth * channels
        precondition(
            images.columns == channels * resampling.places && y.rows == images.rows
                && y.columns == resampling.outPlaces * channels && room.rows == 1 && room.columns == rowLength,
            "images are those of the resampling, and there is room for a row")
        let down = resampling.down, across = resampling.across
        for image in 0..<images.rows {
            let input = images.base + image * images.stride, output = y.base + image * y.stride
            for place in 0..<resampling.outHeight {
                let sums = room.base
                for index in 0..<rowLength { sums[index] = 0 }
                for tap in 0..<down.taps {
                    let weight = down.weights[place * down.taps + tap]
                    guard weight != 0 else { continue }
                    let row = input + (down.starts[place] + tap) * rowLength
                    for index in 0..<rowLength { sums[index] += weight * row[index] }
                }
                let target = output + place * outLength
                for column in 0..<resampling.outWidth {
                    let start = sums + across.starts[column] * channels, pixel = target + column * channels
                    for channel in 0..<channels {
                        var sum: Float = 0
                        for tap in 0..<across.taps {
                            sum += across.weights[column * across.taps + tap] * start[tap * channels + channel]
                        }
                        pixel[channel] = sum
                    }
                }
            }
        }
    }
}
