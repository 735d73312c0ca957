import TestSupport
import Testing

@testable import Tensors

/// Images at another size.
@Suite struct ResamplingTests {
    private static let sides = [
        (28, 24), (32, 24), (32, 28), (32, 64), (7, 3), (9, 12), (5, 2), (3, 8), (1, 4), (6, 1), (9, 9),
    ]

    private func resampled(
        _ values: [Float], images: Int, channels: Int, _ resampling: Resampling, _ kernels: Kernels
    ) -> [Float] {
        let source = buffer(values), room = buffer([Float](repeating: .nan, count: resampling.width * channels))
        let target = buffer([Float](repeating: .nan, count: images * resampling.outPlaces * channels))
        kernels.resample(
            source.matrix(rows: images, columns: resampling.places * channels), resampling, room: room.whole,
            into: target.matrix(rows: images, columns: resampling.outPlaces * channels))
        return Array(target.values)
    }

    /// PyTorch's `interpolate(mode="bilinear", antialias=True, align_corners=False)` of 0, 1, 4, 9, ..., 225.
    @Test func valuesOfPyTorch() throws {
        let resampling = try #require(Resampling(height: 4, width: 4, outHeight: 2, outWidth: 3))
        let found = resampled((0..<16).map { Float($0 * $0) }, images: 1, channels: 1, resampling, try Kernels())
        let expected: [Float] = [18.0142860, 27.0714302, 38.9285736, 97.2142868, 121.3571396, 148.3000030]
        for (left, right) in zip(found, expected) { #expect(abs(left - right) < 1e-5 * right) }
    }

    /// Against sums over all places with double precision, on every instruction set to the same bits; constants stay, a side stays.
    @Test(arguments: [1, 2, 3, 5]) func sumsOverAllPlaces(channels: Int) throws {
        let paths = try KernelsTests.paths.map { try Kernels(path: $0) }
        for (index, (height, outHeight)) in Self.sides.enumerated() {
            let (width, outWidth) = Self.sides[(index + 3) % Self.sides.count], images = 2
            let resampling = try #require(
                Resampling(height: height, width: width, outHeight: outHeight, outWidth: outWidth))
            var random = SeededGenerator(UInt64(index + 1))
            let x = random.floats(images * height * width * channels)
            let found = resampled(x, images: images, channels: channels, resampling, paths[0])
            for other in paths.dropFirst() {
                #expect(resampled(x, images: images, channels: channels, resampling, other) == found)
            }
            func shares(_ count: Int, _ outputs: Int) -> [[Double]] {
                let scale = Double(count) / Double(outputs), reach = max(1, scale)
                return (0..<outputs).map { output in
                    let centre = (Double(output) + 0.5) * scale
                    let weights = (0..<count).map { max(0, 1 - abs(Double($0) + 0.5 - centre) / reach) }
                    let total = weights.reduce(0, +)
                    return weights.map { $0 / total }
                }
            }
            let down = shares(height, outHeight), across = shares(width, outWidth)
            var place = 0
            for image in 0..<images {
                for row in 0..<outHeight {
                    for column in 0..<outWidth {
                        for channel in 0..<channels {
                            var sum = 0.0
                            for (i, first) in down[row].enumerated() where first > 0 {
                                for (j, second) in across[column].enumerated() where second > 0 {
                                    let at = ((image * height + i) * width + j) * channels + channel
                                    sum += first * second * Double(x[at])
                                }
                            }
                            #expect(abs(Double(found[place]) - sum) < 2e-6, "\(height) x \(width)")
                            place += 1
                        }
                    }
                }
            }
            #expect(place == found.count)
            let flat = resampled(
                [Float](repeating: 1, count: x.count), images: images, channels: channels, resampling, paths[0])
            #expect(flat.allSatisfy { abs($0 - 1) < 1e-6 })
        }
        #expect(Resampling(height: 8, width: 9, outHeight: 8, outWidth: 9) == nil)
    }
}
