internal import API
internal import Documents
internal import UserFiles

/// A network as a file of C and its header, as the daemon sends both.
struct SourceFiles {
    private let source: [UInt8]
    private let header: [UInt8]

    /// Takes what was sent.
    init(_ archive: [UInt8]) throws(Failure) {
        let entries = TarArchive.entries(of: archive) ?? []
        func bytes(_ ending: String) -> [UInt8]? { entries.first { $0.name.hasSuffix(ending) }?.bytes }
        guard entries.count == 2, let source = bytes(".c"), let header = bytes(".h") else {
            throw Failure(
                code: .failure, message: "error: the daemon sent no file of C and its header; is its version another?")
        }
        (self.source, self.header) = (source, header)
    }

    /// Writes `NAME.h` and `NAME.c`, the latter last: once it is there, both are.
    ///
    /// - Returns: What the header says of the memory that it takes, line by line.
    func write(to path: String) throws(Failure) -> [String] {
        for (path, bytes) in [(String(path.dropLast(2)) + ".h", header), (path, source)] {
            try Failure.ofFile { () throws(UserFileError) in
                let file = try OutputFile(path: path)
                try file.write(bytes)
                try file.commit()
            }
        }
        let names = ["ARENA": "arenaBytes", "ACTIVATION": "activations", "SCRATCH": "scratch", "WEIGHT": "weightBytes"]
        return String(decoding: header, as: UTF8.self).matches(
            of: /#define \w+_(ARENA|ACTIVATION|SCRATCH|WEIGHT)_BYTES (\d+)/
        )
        .map { "\(names[String($0.1)] ?? "") \($0.2)" }
    }

    /// The name of the function, which is that of the file.
    ///
    /// - Throws: `Failure` for a path that does not end with `NAME.c`, NAME an identifier of C.
    static func name(of path: String) throws(Failure) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let stem = String(name.dropLast(2))
        guard name.hasSuffix(".c"), SourceName.isOne(stem) else {
            let usual = SourceName.nearest(to: name.hasSuffix(".c") ? stem : name)
            throw .usage(
                "--output \(path): expected NAME.c for --format c, where NAME is an identifier of C, such as \(usual).c; NAME.h "
                    + "appears beside it")
        }
        return stem
    }
}
