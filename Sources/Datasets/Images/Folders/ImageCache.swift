internal import CSystemCalls
internal import CZlib
internal import Foundation

/// Images that were made of the pictures of a folder, in a file of the data directory, so that pictures are decoded once.
///
/// A file holds the names, sizes and times of the pictures that it was made of: one more, one less or a changed one, and it is
/// made anew in its place. Whatever is wrong with it, it is as if it was not there.
struct ImageCache {
    /// What images are made of.
    struct Key {
        /// Where the pictures lie and what images they become.
        let settings: String
        /// What the files are.
        let listing: [UInt8]

        var bytes: [UInt8] { Array("\(ImageCache.version)\n\(settings)\n".utf8) + listing }
        /// The same for all states of a folder, so that a newer state takes the place of an older one.
        var name: String {
            let text = Array(settings.utf8)
            let sums = [crc32(0, text, UInt32(text.count)), adler32(1, text, UInt32(text.count))]
            return "images-" + sums.map { String($0, radix: 16) }.joined(separator: "-")
        }
    }

    /// Where the files lie.
    let folder: String

    /// Counts up with whatever changes what decoding and resizing come to.
    private static let version = "nasd-images/1"
    private static let mark = Array("nasd-images\n".utf8)
    private static let headBytes = mark.count + 5 * 8

    /// The images; nil where they are not there, or not of these pictures, or damaged, or where whoever looks on ends it.
    func read(_ key: Key, imageBytes: Int, watch: ReadingWatch = .nobody) -> Pictures? {
        let own = key.bytes
        guard let file = FileHandle(forReadingAtPath: "\(folder)/\(key.name)") else { return nil }
        defer { try? file.close() }
        guard let head = try? file.read(upToCount: Self.headBytes), head.count == Self.headBytes,
            head.starts(with: Self.mark)
        else { return nil }
        let sizes = Self.numbers(head.dropFirst(Self.mark.count))
        guard sizes[0] == own.count, sizes[3] == imageBytes, (0...ImageTree.mostFiles).contains(sizes[2]),
            (0...1 << 32).contains(sizes[1]), let size = try? file.seekToEnd(),
            Int(size) == Self.headBytes + sizes[0] + sizes[1] + sizes[2] * (4 + imageBytes) + 4
        else { return nil }
        do {
            try file.seek(toOffset: UInt64(Self.headBytes))
            var sum = Checksum()
            head.withUnsafeBytes { sum.add($0) }
            func next(_ count: Int) throws -> Data {
                let data = try file.read(upToCount: count) ?? Data()
                data.withUnsafeBytes { sum.add($0) }
                return data
            }
            guard try next(sizes[0]).elementsEqual(own) else { return nil }
            let notes = try next(sizes[1]), labels = try next(sizes[2] * 4)
            var pictures = Pictures()
            guard Checked.hasRoom(sizes[2] * imageBytes) else { return nil }
            pictures.pixels.reserveCapacity(sizes[2] * imageBytes)
            // A piece at a time, so that nothing is there twice.
            var left = sizes[2] * imageBytes
            while left > 0 {
                let piece = try next(min(left, 1 << 22))
                guard !piece.isEmpty, !watch.isEnded else { return nil }
                pictures.pixels += piece
                left -= piece.count
            }
            guard let last = try file.read(upToCount: 4), Array(last) == Self.bytes(sum.value),
                sizes[4] >= 0
            else { return nil }
            pictures.labels = labels.withUnsafeBytes { Array($0.bindMemory(to: Int32.self)) }
            let lines = String(decoding: notes, as: UTF8.self).split(separator: "\n").map(String.init)
            pictures.misnamed = Array(lines.prefix(sizes[4]))
            pictures.broken = lines.dropFirst(sizes[4]).compactMap { line in
                let parts = line.split(separator: "\t", maxSplits: 1).map(String.init)
                return parts.count == 2 ? .init(path: parts[0], reason: parts[1]) : nil
            }
            return pictures
        } catch {
            return nil
        }
    }

    /// Keeps images, where that can be done: without them pictures are decoded again.
    ///
    /// The file appears as a whole or not at all, and is another's where two write it at a time.
    func write(_ pictures: Pictures, _ key: Key) {
        // A name with a line break or a tabulator would end a line of the notes.
        guard
            (pictures.misnamed + pictures.broken.flatMap { [$0.path, $0.reason] })
                .allSatisfy({ !$0.contains { $0 == "\t" || $0.isNewline } })
        else { return }
        let own = key.bytes
        let notes = Array(
            (pictures.misnamed + pictures.broken.map { "\($0.path)\t\($0.reason)" })
                .map { $0 + "\n" }.joined().utf8)
        guard
            (try? FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])) != nil
        else { return }
        removeLeftovers()
        let part = "\(folder)/\(key.name).\(getpid())-\(UInt32.random(in: 0...UInt32.max)).part"
        let descriptor = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { return }
        let imageBytes = pictures.labels.isEmpty ? 0 : pictures.pixels.count / pictures.labels.count
        let head =
            Self.mark
            + [own.count, notes.count, pictures.labels.count, imageBytes, pictures.misnamed.count].flatMap(Self.bytes)
        var sum = Checksum()
        func put(_ bytes: UnsafeRawBufferPointer) -> Bool {
            sum.add(bytes)
            return bytes.isEmpty || nasd_write_all(descriptor, bytes.baseAddress, bytes.count) == 0
        }
        let isWritten =
            head.withUnsafeBytes(put) && own.withUnsafeBytes(put) && notes.withUnsafeBytes(put)
            && pictures.labels.withUnsafeBytes(put) && pictures.pixels.withUnsafeBytes(put)
            && Self.bytes(sum.value).withUnsafeBytes(put) && fsync(descriptor) == 0
        let isClosed = close(descriptor) == 0
        if isWritten, isClosed, rename(part, "\(folder)/\(key.name)") == 0 { return }
        unlink(part)
    }

    /// Removes what killed processes left, which nobody writes to any more.
    private func removeLeftovers() {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where name.hasSuffix(".part") {
            var status = stat()
            guard stat("\(folder)/\(name)", &status) == 0, time(nil) - status.st_mtim.tv_sec > 3600 else { continue }
            unlink("\(folder)/\(name)")
        }
    }

    // MARK: Bytes

    private static func bytes<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    private static func numbers(_ bytes: Data.SubSequence) -> [Int] {
        let bytes = Array(bytes)
        return stride(from: 0, to: bytes.count, by: 8).map { start in
            let value = bytes[start..<min(start + 8, bytes.count)].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return Int(truncatingIfNeeded: value)
        }
    }
}
