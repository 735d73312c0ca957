import Foundation
import Tensors
import TestSupport
import Testing

@testable import Datasets

/// Files with a few bytes changed, cut or added: read or refused, but never a crash or a foreign error.
@Suite struct FuzzTests {
    @Test(arguments: ["idx", "idx.gz", "cifar", "cifar.gz", "npy", "npy.gz"])
    func mutatedFiles(kind: String) throws {
        let cases = 500
        try withDirectory { directory in
            let images = directory + "/images"
            let labels = directory + "/labels"
            var sources: [[UInt8]]
            switch kind.prefix(3) {
            case "idx": sources = [Files.idxImages(), Files.idxLabels()]
            case "npy": sources = [Files.npy("|u1", "(2, 2, 3)", NPYTests.pixels), NPYTests.labels]
            default: sources = [Files.cifar([1, 2]), []]
            }
            if kind.hasSuffix("gz") { sources = sources.map(Files.gzip) }
            var refused = 0
            for number in 0..<cases {
                var random = CounterGenerator(seed: 99, stream: .search, step: UInt64(number))
                try Files.write(mutate(sources[0], &random), images)
                try Files.write(Bool.random(using: &random) ? mutate(sources[1], &random) : sources[1], labels)
                do {
                    let read =
                        switch kind.prefix(3) {
                        case "idx": try ArrayReader(.idx).read(images: DataFile(images), labels: DataFile(labels))
                        case "npy": try ArrayReader(.npy).read(images: DataFile(images), labels: DataFile(labels))
                        default: try CIFARReader.read(files: [DataFile(images)])
                        }
                    #expect(read.pixels.count == read.count * read.imageSize)
                } catch is DatasetError {
                    refused += 1
                }
            }
            #expect(refused > cases / 10)
        }
    }

    private func mutate(_ bytes: [UInt8], _ random: inout CounterGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            // Most of what can go wrong sits in the header.
            let end = Bool.random(using: &random) ? min(80, bytes.count) : bytes.count
            let place = Int.random(in: 0...end, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes.removeSubrange(place...)
            case 1: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
            case 2 where place < bytes.count: bytes.remove(at: place)
            case 3 where place < bytes.count: bytes[place] = [0, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
            default: if place < bytes.count { bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random) }
            }
        }
        return bytes
    }
}
