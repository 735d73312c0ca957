internal import Foundation

/// What goes wrong where latencies are measured or read.
public enum LatencyError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The networks of a space are not this program's.
    case noNetworks(space: String)
    /// Fewer processors than threads may be used.
    case fewProcessors(threads: Int, allowed: Int)
    /// The system pins no thread.
    case notPinned(code: Int32)
    /// A file has measurements that others were to be added to, and they differ in something.
    case otherMeasurements(file: String, what: String, stored: String, found: String)
    /// A record is of another space.
    case otherSpace(file: String, line: Int, space: String)
    /// The text of a record names no architecture of the space.
    case noArchitecture(file: String, line: Int, reason: String)
    /// A duration is none.
    case noDuration(file: String, line: Int, column: String, value: String)
    /// Two records are of one architecture.
    case repeated(file: String, line: Int, firstLine: Int, genome: String)
    /// The records of a file are of several devices.
    case severalDevices(file: String, devices: [String])
    /// No record of a file is of a device.
    case unknownDevice(file: String, device: String, devices: [String])
    /// Nothing is known of latencies before a run begins.
    case nothingKnown(run: String)
    /// Searches are compared without a device.
    case comparedWithoutDevice
    /// A run names no file of latencies.
    case noFile
    /// Several files are to tell of whole networks.
    case severalTables(files: [String])
    /// A table has no entries of some blocks.
    case unknownBlocks(file: String, blocks: [String], known: [String])
    /// Two files have an entry of one block.
    case repeatedBlock(file: String, block: String)
    /// A block may be called in more ways than are looked up.
    case manyNames(block: String, most: Int)
    /// A predictor needs more records.
    case fewRecords(file: String, found: Int, needed: Int)

    /// What is wrong and how to mend it.
    public var description: String {
        switch self {
        case .noNetworks(let space):
            "the networks of the space '\(space)' live elsewhere or need what this version does not compute; measure them with "
                + "their own program, and write a CSV file with their genomes and the column milliseconds"
        case .fewProcessors(let threads, let allowed):
            "\(threads) threads need a processor each, and this process may use \(allowed); choose fewer --threads"
        case .notPinned(let code):
            "no thread can be kept on a processor (sched_setaffinity): \(String(cString: strerror(code))); permit it, or measure "
                + "on another machine"
        case .otherMeasurements(let file, let what, let stored, let found):
            "\(file): its \(what) is '\(stored)', here it would be '\(found)'; measurements that differ in it are not comparable: "
                + "write to another file"
                + (what == "device" ? ", or mix devices knowingly with --allow-device-change" : "")
        case .otherSpace(let file, let line, let space):
            "\(file):\(line): the record is not of the space '\(space)'; name the space that was measured"
        case .noArchitecture(let file, let line, let reason): "\(file):\(line): \(reason)"
        case .noDuration(let file, let line, let column, let value):
            "\(file):\(line): expected a number above 0 in column '\(column)', found '\(value)'"
        case .repeated(let file, let line, let firstLine, let genome):
            "\(file):\(line): '\(genome)' stands in line \(firstLine) already; an architecture has one record of a device: take "
                + "one of them out"
        case .severalDevices(let file, let devices):
            "\(file): its records are of \(devices.count) devices: \(devices.map { "'\($0)'" }.joined(separator: ", ")); name "
                + "the one that is meant (--device, or latency.device in a run file)"
        case .unknownDevice(let file, let device, let devices):
            "\(file): no record is of the device '\(device)'; there are \(devices.map { "'\($0)'" }.joined(separator: ", "))"
        case .nothingKnown(let run):
            "run '\(run)' has no latency section whose kind is predicted or table, and so nothing to look up"
        case .comparedWithoutDevice:
            "latency.kind: searches are compared by what is the same each time, and the run's latencies are measured; take "
                + "predicted or table"
        case .noFile: "latency.file: expected the name of a file, found nothing"
        case .severalTables(let files):
            "latency.file: expected one table of networks, found \(files.count); name blocks for tables of blocks, or merge them"
        case .unknownBlocks(let file, let blocks, let known):
            "\(file): there is no entry of \(Self.list(blocks)), which latency.blocks asks for; there are "
                + "\(Self.list(known)): correct latency.blocks, or add entries, of 0 for what takes no time"
        case .repeatedBlock(let file, let block):
            "\(file): '\(block)' has an entry in an earlier file of latency.file; take one of them out"
        case .manyNames(let block, let most):
            "latency.blocks: up to '\(block)' there are more than \(most) names to look up; cut blocks into some of fewer decisions"
        case .fewRecords(let file, let found, let needed):
            "\(file): a predictor learns from \(needed) records at least, and there are \(found); collect more"
        }
    }

    /// The first of some names.
    private static func list(_ names: [String]) -> String {
        names.prefix(8).map { "'\($0.prefix(120))'" }.joined(separator: ", ")
            + (names.count > 8 ? " and \(names.count - 8) more" : "")
    }
}
