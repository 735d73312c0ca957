import Datasets
import Foundation
import SearchSpaces
import Tensors
import TestSupport
import Testing

@testable import Coordinator

/// Latencies as they are measured, kept and read.
@Suite struct LatencyTests {
    private func space(_ name: String = "tiny") throws -> SearchSpace {
        try SearchSpace.parse(yaml: TinySpace.yaml(name: name), file: "tiny.yaml")
    }

    @Test func trimmedMediansByHand() {
        // Of ten values a tenth goes at each end: the median of 2 to 9 is 5.5, deviations .5 .5 1.5 1.5 2.5 2.5 3.5 3.5.
        let values: [Double] = [10, 1, 9, 2, 8, 3, 7, 4, 6, 5]
        let whole = TrimmedMedian(values, trimmed: 0.1)
        #expect(whole.value == 5.5 && whole.deviation == 2)
        #expect(TrimmedMedian([3], trimmed: 0.1) == TrimmedMedian([3, 3, 3], trimmed: 0.1))
        #expect(LatencyMeter.fastest(values) == 1 && LatencyMeter.fastest((1...21).map(Double.init)) == 3)
        // One wild value of ten is dropped.
        #expect(TrimmedMedian([1, 1, 1, 1, 1, 1, 1, 1, 1, 1000], trimmed: 0.1).deviation == 0)
    }

    @Test func samplesAreDistinctAndGoOn() throws {
        let space = try SearchSpace.parse(
            yaml: WideSpace.yaml(widths: 4, depths: 4, expansions: 3), file: "wide.yaml")
        let many = LatencySample.genomes(of: space, count: 60, seed: 3)
        #expect(many.count == 60 && Set(many).count == 60 && many.allSatisfy { space.canonical($0) == $0 })
        #expect(Array(many.prefix(20)) == LatencySample.genomes(of: space, count: 20, seed: 3))
        #expect(many[0] == space.smallest && many[1] == space.canonical(space.largest))
        // The tiny space has no more: embed, and for a depth of 1 or 2 heads and ratio of each block.
        let all = LatencySample.genomes(of: try self.space(), count: 500, seed: 0)
        #expect(all.count == 2 * (4 + 16))
    }

    @Test(arguments: [1, 2]) func timesAreTakenOnPinnedThreads(threads: Int) throws {
        let allowed = try ThreadAffinity.allowed(), kernels = try Kernels()
        guard allowed.count >= threads else { return }
        let space = try space()
        let meter = try LatencyMeter(
            space, settings: LatencySettings(batch: 2, threads: threads, turns: 4), kernels: kernels)
        let timing = try #require(try meter.measure(space.largest))
        #expect(timing.milliseconds > 0 && timing.deviation >= 0 && timing.referenceMilliseconds > 0)
        #expect(timing.ratio > 0 && timing.ratio.isFinite && timing.ratioDeviation >= 0)
        #expect((0...1).contains(timing.disturbed))
        #expect(meter.device.contains("\(threads) thread\(threads == 1 ? "" : "s"), batch 2"))
        #expect(meter.device.contains(kernels.path.rawValue) && meter.device.contains("Linux"))
        // The caller may run where it could before.
        #expect(try ThreadAffinity.allowed() == allowed)
        #expect(try meter.measure(space.largest, shouldStop: { true }) == nil)
        #expect(try ThreadAffinity.allowed() == allowed)
    }

    /// Norms over examples are folded, and a mixture is a plain network.
    @Test(arguments: [TinyConvolutionalSpace.yaml, TinySpace.yaml(mixture: "{experts: 2}")])
    func everyFamilyIsTimed(yaml: String) throws {
        let space = try SearchSpace.parse(yaml: yaml, file: "space.yaml")
        let meter = try LatencyMeter(space, settings: LatencySettings(turns: 2), kernels: Kernels())
        #expect(try #require(try meter.measure(space.smallest)).milliseconds > 0)
    }

    @Test func moreThreadsThanProcessorsAreRefused() throws {
        let allowed = try ThreadAffinity.allowed()
        try ThreadAffinity.allow([allowed[0]])
        defer { try? ThreadAffinity.allow(allowed) }
        #expect(throws: LatencyError.fewProcessors(threads: 2, allowed: 1)) {
            _ = try LatencyMeter(space(), settings: LatencySettings(batch: 2, threads: 2), kernels: Kernels())
        }
        #expect(throws: LatencyError.self) { try ThreadAffinity.allow([9000]) }
    }

    @Test func collectingGoesOn() throws {
        try withDirectory { folder in
            let space = try space(), path = folder + "/l.csv", kernels = try Kernels()
            let genomes = LatencySample.genomes(of: space, count: 8, seed: 1)
            func collection(_ settings: LatencySettings = LatencySettings(turns: 2)) throws -> LatencyCollection {
                try LatencyCollection(
                    LatencyMeter(space, settings: settings, kernels: kernels), of: space, called: "tiny", to: path)
            }
            var first = try collection(), asked = 0
            // Told to stop in the fourth.
            let isDone = try first.measure(genomes, shouldStop: { asked >= 3 }) { done, _ in asked = done }
            #expect(!isDone && asked == 3)
            let kept = try LatencyFile(path, of: space, in: DataFolder("."))
            #expect(kept.records == first.file.records && kept.records.count == 3 && kept.spaceName == "tiny")
            var second = try collection()
            #expect(try second.measure(genomes))
            #expect(Array(second.file.records.prefix(3)) == kept.records)
            #expect(second.file.records.map(\.genome) == genomes)
            // A file that is complete is left as it is.
            let bytes = try Data(contentsOf: URL(filePath: path))
            var third = try collection()
            #expect(try third.measure(genomes))
            #expect(try Data(contentsOf: URL(filePath: path)) == bytes)
            // Another batch is another device, another reference cannot be compared.
            #expect(throws: LatencyError.self) { _ = try collection(LatencySettings(batch: 4, turns: 2)) }
            #expect(throws: LatencyError.self) {
                _ = try LatencyCollection(
                    LatencyMeter(
                        space, settings: LatencySettings(turns: 2), reference: space.largest, kernels: kernels),
                    of: space, called: "tiny", to: path)
            }
            let mixed = try LatencyCollection(
                LatencyMeter(space, settings: LatencySettings(batch: 4, turns: 2), kernels: kernels), of: space,
                called: "tiny", to: path, allowsDeviceChange: true)
            #expect(mixed.own.records.isEmpty && mixed.file.records.count == 8)
        }
    }

    /// Half as fast a machine in the second record, which the reference tells.
    private static let compared = """
        genome,milliseconds,ratio,referenceMilliseconds,reference,device\r
        embed=16;depth=1;heads=1;mlpRatio=1,1,0.5,2,r,here\r
        embed=16;depth=1;heads=1;mlpRatio=2,3,0.75,4,r,here\r
        embed=16;depth=1;heads=2;mlpRatio=1,4,2,2,r,here\r

        """

    @Test func whatElseTheMachineDidCancelsOut() throws {
        try withDirectory { folder in
            try Files.write(Array(Self.compared.utf8), folder + "/l.csv")
            let file = try LatencyFile("l.csv", of: space(), in: DataFolder(folder))
            #expect(file.referenceMilliseconds == 2 && file.milliseconds == [1, 1.5, 4])
            #expect(file.drift == 0...1)
            // A file of another program has neither ratio nor device.
            let plain = "embed,depth,heads,mlpRatio,milliseconds\n16,1,1,2,3.5\n24,2,1;2,1;1,7\n"
            try Files.write(Array(plain.utf8), folder + "/p.csv")
            let other = try LatencyFile("p.csv", of: space(), in: DataFolder(folder))
            #expect(other.referenceMilliseconds == nil && other.milliseconds == [3.5, 7] && other.devices == [""])
        }
    }

    @Test(arguments: [
        ("genome,milliseconds\n", "holds no entries"),
        ("milliseconds\n1\n", "no column is called as a decision of the space"),
        ("genome,device\nembed=16;depth=1;heads=1;mlpRatio=1,x\n", "there is no column 'milliseconds'"),
        ("genome,milliseconds\nembed=16;depth=1;heads=1;mlpRatio=1,0\n", "l.csv:2: expected a number above 0"),
        ("genome,milliseconds\nembed=16;depth=1;heads=1;mlpRatio=1,nan\n", "found 'nan'"),
        ("genome,milliseconds\nembed=16;depth=1;heads=1;mlpRatio=1,\n", "found ''"),
        ("genome,milliseconds\nembed=17;depth=1;heads=1;mlpRatio=1,1\n", "l.csv:2: "),
        (
            "genome,milliseconds\nembed=16;depth=1;heads=1;mlpRatio=1,1\nembed=16;depth=1;heads=1;mlpRatio=1,2\n",
            "l.csv:3: 'embed=16;depth=1;heads=1;mlpRatio=1' stands in line 2 already"
        ),
        (
            "genome,milliseconds,key\nembed=16;depth=1;heads=1;mlpRatio=1,1,abc\n",
            "the record is not of the space 'tiny'"
        ),
    ]) func whatIsNoLatencyFile(text: String, message: String) throws {
        try withDirectory { folder in
            try Files.write(Array(text.utf8), folder + "/l.csv")
            let error = #expect(throws: (any Error).self) {
                _ = try LatencyFile("l.csv", of: space(), in: DataFolder(folder))
            }
            #expect("\(try #require(error))".contains(message), "\(error.map { "\($0)" } ?? "")")
        }
    }

    @Test func devicesAreNeverMixed() throws {
        try withDirectory { folder in
            let text = Self.compared + "embed=16;depth=1;heads=1;mlpRatio=1,9,,,,phone\r\n"
            try Files.write(Array(text.utf8), folder + "/l.csv")
            let file = try LatencyFile("l.csv", of: space(), in: DataFolder(folder))
            #expect(file.devices == ["here", "phone"])
            #expect(throws: LatencyError.severalDevices(file: "l.csv", devices: ["here", "phone"])) {
                _ = try file.only(nil)
            }
            #expect(throws: LatencyError.unknownDevice(file: "l.csv", device: "x", devices: ["here", "phone"])) {
                _ = try file.only("x")
            }
            #expect(try file.only("phone").milliseconds == [9])
            #expect(try file.only("here").milliseconds == [1, 1.5, 4])
        }
    }
}
