import CFuzzer

/// A format and its readers: whatever the bytes are, these answer or throw.
struct Format: Sendable {
    /// What `NASD_FUZZ` calls it.
    let name: String
    /// Reads bytes as the program would.
    let read: @Sendable ([UInt8]) -> Void
    /// Repairs bytes that libFuzzer has changed, so that more of them get past what only says that they were changed; nil leaves
    /// them.
    var repair: (@Sendable (inout [UInt8]) -> Void)?

}

/// The format that this process reads.
nonisolated(unsafe) var current: Format?

/// Called by libFuzzer in place of its own mutations: these, and then a repair in two of three cases.
@_cdecl("LLVMFuzzerCustomMutator")
public func mutate(_ data: UnsafeMutablePointer<UInt8>, _ count: Int, _ most: Int, _ seed: UInt32) -> Int {
    let made = LLVMFuzzerMutate(data, count, most)
    guard let repair = current?.repair, seed % 3 != 0 else { return made }
    var bytes = Array(UnsafeBufferPointer(start: data, count: made))
    repair(&bytes)
    guard bytes.count <= most else { return made }
    for (place, byte) in bytes.enumerated() { data[place] = byte }
    return bytes.count
}
