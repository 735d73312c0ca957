import Foundation
import Testing

/// Compiles and runs files of C; gcc, or the clang that comes with Swift.
struct CCompiler {
    let folder = FileManager.default.temporaryDirectory.appending(path: "nasd-c-\(UUID().uuidString)")
    let program: String

    /// - Throws: Where there is no compiler.
    init() throws {
        let found = ["gcc", "clang"].compactMap { name in
            (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }
                .first { FileManager.default.isExecutableFile(atPath: $0) }
        }
        program = try #require(found.first, "no C compiler")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// Whether there is one.
    static let isThere = (try? CCompiler()) != nil

    func remove() { try? FileManager.default.removeItem(at: folder) }

    func write(_ bytes: some Sequence<UInt8>, _ name: String) throws {
        try Data(bytes).write(to: folder.appending(path: name))
    }

    /// What a command prints; nil where it fails.
    func run(_ path: String, _ arguments: [String], input: Data? = nil) throws -> (code: Int32, output: Data) {
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.currentDirectoryURL = folder
        if let input {
            try input.write(to: folder.appending(path: "input"))
            process.standardInput = try FileHandle(forReadingFrom: folder.appending(path: "input"))
        }
        let output = folder.appending(path: "output")
        try Data().write(to: output)
        let handle = try FileHandle(forWritingTo: output)
        process.standardOutput = handle
        process.standardError = handle
        try process.run()
        process.waitUntilExit()
        return (process.terminationStatus, try Data(contentsOf: output))
    }

    static let flags = ["-O2", "-Wall", "-Wextra", "-Werror", "-pedantic", "-std=c99"]

    /// Compiles a network with a program that computes every example of standard input.
    ///
    /// - Returns: Its name; nil where the compiler cannot (`-m32` without its libraries).
    func build(_ name: String, _ further: [String] = []) throws -> String? {
        let main = """
            #include <stdio.h>
            #include "\(name).h"
            static float input[\(name.uppercased())_INPUTS], output[\(name.uppercased())_OUTPUTS];
            int main(void)
            {
                while (fread(input, sizeof input, 1, stdin) == 1) {
                    \(name)_run(input, output);
                    if (fwrite(output, sizeof output, 1, stdout) != 1)
                        return 1;
                }
                return 0;
            }
            """
        try write(main.utf8, "main.c")
        let (code, output) = try run(
            program, Self.flags + further + ["\(name).c", "main.c", "-o", "program", "-lm"])
        guard code == 0 || !further.contains("-m32") else { return nil }
        try #require(code == 0, "\(String(decoding: output, as: UTF8.self))")
        return folder.appending(path: "program").path
    }

    /// Outputs of a program for some examples.
    func outputs(_ path: String, _ rows: [[Float]]) throws -> [[Float]] {
        let input = rows.reduce(into: Data()) { data, row in row.withUnsafeBytes { data.append(contentsOf: $0) } }
        let (code, output) = try run(path, [], input: input)
        try #require(code == 0)
        let values = output.withUnsafeBytes { raw in
            (0..<output.count / 4).map { raw.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
        }
        let width = values.count / rows.count
        return rows.indices.map { Array(values[$0 * width..<($0 + 1) * width]) }
    }

    /// Bytes of zeroed memory that a symbol of a linked program has, and those of the section in an object.
    func memory(_ name: String) throws -> (symbol: Int, section: Int) {
        let symbols = String(decoding: try run("/usr/bin/nm", ["-S", "program"]).output, as: UTF8.self)
        let line = symbols.split(separator: "\n").first { $0.hasSuffix(" b arena") }
        let symbol = line?.split(separator: " ").dropFirst().first.flatMap { Int($0, radix: 16) } ?? 0
        _ = try run(program, Self.flags + ["-c", "\(name).c", "-o", "object.o"])
        let sizes = String(decoding: try run("/usr/bin/size", ["object.o"]).output, as: UTF8.self)
        let section = sizes.split(separator: "\n").last?.split(whereSeparator: \.isWhitespace).dropFirst(2).first
        return (symbol, section.flatMap { Int($0) } ?? -1)
    }
}
