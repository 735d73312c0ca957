internal import Datasets
internal import Foundation
public import SearchSpaces
internal import Store

/// Measures architectures one after the other into a file that goes on where it was left.
public struct LatencyCollection {
    /// Seconds of measurements that a kill may take, at most.
    private static let secondsBetweenWrites = 1.0

    private let space: SearchSpace
    private let spaceName: String
    private let path: String
    private let meter: LatencyMeter
    /// What is measured so far.
    public private(set) var file: LatencyFile

    /// Finds what the file has already.
    ///
    /// - Parameters:
    ///   - spaceName: What the space is called where the file is read again.
    ///   - allowsDeviceChange: Whether records of another device may be added.
    /// - Throws: `LatencyError.otherMeasurements` for a file of another device or reference, or what is wrong with the file.
    public init(
        _ meter: LatencyMeter, of space: SearchSpace, called spaceName: String, to path: String,
        allowsDeviceChange: Bool = false
    ) throws {
        self.meter = meter
        self.space = space
        self.spaceName = spaceName
        self.path = path
        guard FileManager.default.fileExists(atPath: path) else {
            file = LatencyFile(name: path)
            return
        }
        file = try LatencyFile(path, of: space, in: DataFolder("."))
        if !allowsDeviceChange, let other = file.devices.first(where: { $0 != meter.device }) {
            throw LatencyError.otherMeasurements(file: path, what: "device", stored: other, found: meter.device)
        }
        let reference = space.text(of: meter.reference)
        let known = file.records.filter { $0.device == meter.device }.compactMap(\.comparison?.reference)
        if let other = known.first(where: { $0 != reference }) {
            throw LatencyError.otherMeasurements(file: path, what: "reference", stored: other, found: reference)
        }
    }

    /// The records of this device.
    public var own: LatencyFile { (try? file.only(meter.device)) ?? LatencyFile(name: path) }

    /// Measures what is missing of some genomes.
    ///
    /// - Parameters:
    ///   - progress: Told how many of them are measured, and the last record.
    /// - Returns: False when told to stop.
    public mutating func measure(
        _ genomes: [Genome], shouldStop: () -> Bool = { false }, progress: (Int, LatencyRecord) -> Void = { _, _ in }
    ) throws -> Bool {
        var known = Set(file.records.filter { $0.device == meter.device }.map(\.genome))
        let wanted = genomes.map(space.canonical)
        var done = wanted.count { known.contains($0) }, written = ContinuousClock.now, isWritten = true
        defer {
            // Told to stop, or stopped by a fault: what is measured stays.
            if !isWritten { try? file.write(of: space, called: spaceName, to: path) }
        }
        for genome in wanted where known.insert(genome).inserted {
            guard let timing = try meter.measure(genome, shouldStop: shouldStop) else { return false }
            let record = LatencyRecord(
                genome, timing, reference: space.text(of: meter.reference), device: meter.device,
                time: Date().ISO8601Format())
            file.append(record)
            done += 1
            isWritten = false
            progress(done, record)
            if written.duration(to: .now).seconds > Self.secondsBetweenWrites {
                try file.write(of: space, called: spaceName, to: path)
                written = .now
                isWritten = true
            }
        }
        if !isWritten {
            try file.write(of: space, called: spaceName, to: path)
            isWritten = true
        }
        return true
    }
}
