import CFuzzer
import Foundation

/// Whether what is said is printed: NASD_FUZZ_TELL.
private let tells = ProcessInfo.processInfo.environment["NASD_FUZZ_TELL"] != nil

/// What a body comes to; nil where it throws, and what it threw is noted for libFuzzer, which keeps inputs of which something new is
/// said.
@discardableResult func attempt<Value>(_ body: () throws -> Value) -> Value? {
    do {
        return try body()
    } catch {
        note("\(error)")
        return nil
    }
}

/// Notes the lines of a text, numbers and what is quoted from the input aside.
func note(_ text: String) {
    if tells { print(text) }
    for line in text.utf8.split(separator: UInt8(ascii: "\n")).prefix(32) {
        var hash: UInt32 = 2_166_136_261, isQuoted = false
        for byte in line.prefix(160) where !(0x30...0x39).contains(byte) {
            if byte == UInt8(ascii: "'") { isQuoted.toggle() }
            if !isQuoted { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        }
        fuzz_said()[Int(hash) % Int(FUZZ_SAID)] = 1
    }
}
