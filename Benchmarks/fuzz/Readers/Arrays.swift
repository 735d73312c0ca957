import CZlib

@testable import Datasets

extension Format {
    /// npy, npz, IDX and CIFAR records, plain and gzip: one file as images, as labels and as rows of numbers.
    static let arrays = Format(
        name: "arrays",
        read: { bytes in
            let name = "arrays.npy"
            _ = Scratch.place(bytes, name)
            let folder = DataFolder(Scratch.folder)
            if bytes.starts(with: [0x50, 0x4B]) {
                guard let archive = attempt({ try ZipArchive(folder.find(name)) }) else { return }
                let names = archive.names
                for images in names.prefix(4) {
                    for labels in names.prefix(4) {
                        use(.archive(file: name, images: images, labels: labels), folder)
                    }
                }
                return
            }
            if bytes.starts(with: NPYHeader.magic) || bytes.starts(with: [0x1F, 0x8B]) {
                use(.arrays(.npy, images: name, labels: name), folder)
                for kind in [TargetKind.classes, .numbers] {
                    let files = VectorSource.Files(inputs: name, targets: name)
                    let source = VectorSource(train: files, test: files, kind: kind)
                    let holdOut = HoldOut(validation: 1)
                    guard let layout = attempt({ try source.layout(in: folder, holdOut: holdOut) }),
                        layout.memoryBytes < 1 << 26
                    else { continue }
                    _ = attempt({ try source.load(in: folder, layout: layout, holdOut: holdOut, seed: 1) })
                }
            }
            if bytes.starts(with: [0, 0]) || bytes.starts(with: [0x1F, 0x8B]) {
                use(.arrays(.idx, images: name, labels: name), folder)
            }
            use(.cifar10([name]), folder)
            use(.cifar100([name]), folder)
        },
        repair: { bytes in
            // The checksum of each stored file of an archive.
            var place = 0
            while place + 30 <= bytes.count, bytes[place..<place + 4].elementsEqual([0x50, 0x4B, 3, 4]) {
                func number(_ at: Int, _ width: Int) -> Int {
                    bytes[place + at..<place + at + width].reversed().reduce(0) { $0 << 8 | Int($1) }
                }
                let start = place + 30 + number(26, 2) + number(28, 2), size = number(18, 4)
                guard number(8, 2) == 0, start + size <= bytes.count else { return }
                let sum = bytes[start..<start + size].withUnsafeBufferPointer {
                    UInt32(truncatingIfNeeded: crc32(0, $0.baseAddress, UInt32($0.count)))
                }
                for index in 0..<4 { bytes[place + 14 + index] = UInt8(truncatingIfNeeded: sum >> (8 * UInt32(index))) }
                place = start + size
            }
        })

    private static func use(_ source: ImageSource, _ folder: DataFolder) {
        guard let layout = attempt({ try source.layout(in: folder) }), layout.memoryBytes < 1 << 26 else { return }
        _ = attempt({ try source.labels(in: folder) })
        _ = attempt({ try source.read(in: folder, layout: layout) })
    }
}
