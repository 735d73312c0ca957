internal import Foundation

/// The files of a zip archive, by its directory: stored or deflated, of up to 64 bits in size.
///
/// Source: PKWARE, "APPNOTE.TXT - .ZIP File Format Specification", sections 4.3 to 4.5.
struct ZipArchive {
    /// A file in it.
    struct Member: Sendable {
        /// What it is called.
        let name: String
        /// Where its bytes begin.
        let start: Int
        /// Bytes that it takes in the archive.
        let packedBytes: Int
        /// Bytes of its contents.
        let bytes: Int
        /// Whether it is packed.
        let isDeflated: Bool
        /// CRC-32 of its contents.
        let checksum: UInt32
    }

    private let file: DataFile
    private let entries: [Entry]

    private static let mostEntries = 100_000
    private static let mostDirectoryBytes = 64 << 20

    /// Reads the directory at the end of an archive.
    ///
    /// - Throws: `DatasetError` for what is no archive, or damaged.
    init(_ file: DataFile) throws {
        self.file = file
        entries = try Self.reading(file) { reader in
            do throws(DatasetError) {
                return try reader.entries()
            } catch {
                throw ContentKind.explain(error, file, expected: Self.name)
            }
        }
    }

    /// What errors call it.
    static let name = "an archive of NumPy arrays (.npz)"

    /// What the arrays in it are called.
    var names: [String] {
        entries.map(\.name).map { $0.hasSuffix(".npy") ? String($0.dropLast(4)) : $0 }
    }

    /// The array of a name, with or without `.npy`.
    ///
    /// - Throws: `DatasetError` where there is none, with those that there are, or where it is packed otherwise.
    func array(_ name: String) throws -> DataFile {
        guard
            let entry = entries.first(where: { $0.name == name + ".npy" }) ?? entries.first(where: { $0.name == name })
        else {
            let known = names
            throw DatasetError.unsupported(
                file: file.path, expected: "an array called \(TableFault.shown(name))",
                found: known.isEmpty ? "none at all" : TableFault.list(known))
        }
        return DataFile(try Self.reading(file) { try $0.member(entry) }, of: file)
    }

    private static func reading<Value>(_ file: DataFile, _ body: (Reader) throws -> Value) throws -> Value {
        let (descriptor, bytes) = try file.openRegular()
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        return try body(Reader(path: file.path, handle: handle, bytes: bytes))
    }

    /// An entry of the directory.
    private struct Entry {
        let name: String
        let flags: Int
        let method: Int
        let checksum: UInt32
        let packedBytes: Int
        let bytes: Int
        let header: Int
    }

    /// Reads pieces of an archive, each within its bounds.
    private struct Reader {
        let path: String
        let handle: FileHandle
        let bytes: Int

        func damaged(_ reason: String) -> DatasetError { .badHeader(file: path, reason: reason) }

        func read(_ start: Int, _ count: Int) throws(DatasetError) -> [UInt8] {
            guard start >= 0, count >= 0, count <= bytes, start <= bytes - count else {
                throw damaged("its directory leads out of it: the archive is cut short, or none")
            }
            do {
                try handle.seek(toOffset: UInt64(start))
                let data = try handle.read(upToCount: count) ?? Data()
                guard data.count == count else { throw damaged("it became shorter while it was read") }
                return [UInt8](data)
            } catch let error as DatasetError {
                throw error
            } catch {
                throw .unreadable(file: path, reason: error.localizedDescription)
            }
        }

        /// The directory, by its record at the end of the file.
        func entries() throws(DatasetError) -> [Entry] {
            let tail = try read(max(0, bytes - 65_557), min(bytes, 65_557))
            // The record of the end has 22 bytes, and a comment behind it.
            guard tail.count >= 22,
                let end = (0...(tail.count - 22)).reversed().first(where: {
                    tail[$0] == 0x50 && tail[$0 + 1] == 0x4B && tail[$0 + 2] == 5 && tail[$0 + 3] == 6
                })
            else { throw damaged("it has no directory: it is no archive, or cut short") }
            var (count, size, start) = (
                number(tail, end + 10, 2), number(tail, end + 12, 4), number(tail, end + 16, 4)
            )
            let at = bytes - tail.count + end
            if count == 0xFFFF || size == 0xFFFF_FFFF || start == 0xFFFF_FFFF, at >= 20 {
                let locator = try read(at - 20, 20)
                if number(locator, 0, 4) == 0x0706_4B50 {
                    let record = try read(number(locator, 8, 8), 56)
                    guard number(record, 0, 4) == 0x0606_4B50 else { throw damaged("its directory of 64 bits is none") }
                    (count, size, start) = (number(record, 32, 8), number(record, 40, 8), number(record, 48, 8))
                }
            }
            guard count <= ZipArchive.mostEntries, size <= ZipArchive.mostDirectoryBytes else {
                throw damaged("its directory has \(count) entries of \(size) bytes")
            }
            return try parse(read(start, size), count: count)
        }

        private func parse(_ directory: [UInt8], count: Int) throws(DatasetError) -> [Entry] {
            var entries: [Entry] = []
            var at = 0
            for _ in 0..<count {
                guard at + 46 <= directory.count, number(directory, at, 4) == 0x0201_4B50 else {
                    throw damaged("its directory ends too early")
                }
                let nameBytes = number(directory, at + 28, 2), extraBytes = number(directory, at + 30, 2)
                let next = at + 46 + nameBytes + extraBytes + number(directory, at + 32, 2)
                guard next <= directory.count else { throw damaged("its directory ends too early") }
                var sizes = [24, 20, 42].map { number(directory, at + $0, 4) }
                // Sizes of 64 bits stand, in this order, in a field of their own, only those that need it.
                var extra = at + 46 + nameBytes
                let extraEnd = extra + extraBytes
                while extra + 4 <= extraEnd {
                    let length = number(directory, extra + 2, 2)
                    if number(directory, extra, 2) == 1 {
                        var place = extra + 4
                        for index in sizes.indices where sizes[index] == 0xFFFF_FFFF {
                            guard place + 8 <= min(extra + 4 + length, extraEnd) else { break }
                            sizes[index] = number(directory, place, 8)
                            place += 8
                        }
                    }
                    extra += 4 + length
                }
                entries.append(
                    Entry(
                        name: String(decoding: directory[(at + 46)..<(at + 46 + nameBytes)], as: UTF8.self),
                        flags: number(directory, at + 8, 2), method: number(directory, at + 10, 2),
                        checksum: UInt32(truncatingIfNeeded: number(directory, at + 16, 4)), packedBytes: sizes[1],
                        bytes: sizes[0], header: sizes[2]))
                at = next
            }
            return entries
        }

        /// Where the bytes of an entry lie.
        func member(_ entry: Entry) throws(DatasetError) -> Member {
            guard entry.flags & 1 == 0, entry.method == 0 || entry.method == 8 else {
                throw .unsupported(
                    file: "\(path)/\(entry.name)", expected: "an array as numpy.savez or savez_compressed writes it",
                    found: entry.flags & 1 == 1 ? "one that is encrypted" : "one packed by method \(entry.method)")
            }
            let header = try read(entry.header, 30)
            guard number(header, 0, 4) == 0x0403_4B50 else {
                throw damaged("\(entry.name) does not begin where it should")
            }
            let start = entry.header + 30 + number(header, 26, 2) + number(header, 28, 2)
            guard entry.packedBytes >= 0, entry.bytes >= 0, start <= bytes, entry.packedBytes <= bytes - start else {
                throw damaged("\(entry.name) leads out of it: the archive is cut short")
            }
            guard entry.method == 8 || entry.bytes == entry.packedBytes else {
                throw damaged("the sizes of \(entry.name) contradict each other")
            }
            return Member(
                name: entry.name, start: start, packedBytes: entry.packedBytes, bytes: entry.bytes,
                isDeflated: entry.method == 8, checksum: entry.checksum)
        }

        private func number(_ bytes: [UInt8], _ at: Int, _ width: Int) -> Int {
            let value = bytes[at..<(at + width)].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            // What no file has the bytes of leads out of it, too.
            return Int(clamping: value)
        }
    }
}
