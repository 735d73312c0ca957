import CZlib

@testable import Datasets

extension Format {
    /// PNG and JPEG, decoded and brought to a size.
    static let pictures = Format(
        name: "pictures",
        read: { bytes in
            let target = ImageFit.Target(height: 16, width: 12)
            // Larger ones take what memory they say, which is not what is looked for.
            guard bytes.count < 1 << 16, let (image, _) = attempt({ try ImageDecoder.decode(bytes, wanted: target) }),
                image.width * image.height < 1 << 22
            else { return }
            for (fit, channels) in [(ImageFit.crop, 3), (.stretch, 1)] {
                let fitted = image.fitted(target, channels: channels, fit: fit)
                guard fitted.count == 16 * 12 * channels else { fatalError("a picture of another size") }
            }
        },
        repair: { bytes in
            // The checksum of each chunk of a PNG.
            guard bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) else { return }
            var place = 8
            while place + 12 <= bytes.count {
                let size = bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
                let end = place + 8 + size
                guard end + 4 <= bytes.count else { return }
                let sum = bytes[(place + 4)..<end].withUnsafeBufferPointer {
                    UInt32(truncatingIfNeeded: crc32(0, $0.baseAddress, UInt32($0.count)))
                }
                for index in 0..<4 { bytes[end + index] = UInt8(truncatingIfNeeded: sum >> (24 - 8 * UInt32(index))) }
                place = end + 4
            }
        })
}
