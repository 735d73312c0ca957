import CFuzzer
import Foundation

// NASD_FUZZ names the format; all else are arguments of libFuzzer.
let wanted = ProcessInfo.processInfo.environment["NASD_FUZZ"] ?? ""
guard let format = Format.all.first(where: { $0.name == wanted }) else {
    FileHandle.standardError.write(
        Data("NASD_FUZZ is one of \(Format.all.map(\.name).joined(separator: ", "))\n".utf8))
    exit(2)
}
current = format
var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
exit(
    LLVMFuzzerRunDriver(&count, &arguments) { data, count in
        autoreleasing { current?.read(Array(UnsafeBufferPointer(start: data, count: count))) }
        return 0
    })

/// What is made for an input does not outlive it.
func autoreleasing(_ body: () -> Void) { body() }
