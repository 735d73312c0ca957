internal import Foundation

/// The last step that training has done, in the file `step` of a run: what a kill leaves of the steps since the newest
/// checkpoint, to tell how many are done again.
///
/// Written in place and never synced, so that it costs a step nothing: after a loss of power it tells of fewer steps.
/// Results do not depend on it.
final class StepNote {
    /// Enough for any number, and a line end.
    private static let size = 20
    private let descriptor: Int32

    /// Opens the note in a folder; where that cannot be done, nothing is noted.
    init(folder: String) { descriptor = open(folder + "/step", O_RDWR | O_CREAT | O_CLOEXEC, 0o640) }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// The step that is noted; 0 for none.
    var step: Int {
        var bytes = [UInt8](repeating: 0, count: Self.size)
        guard descriptor >= 0, pread(descriptor, &bytes, Self.size, 0) == Self.size else { return 0 }
        let digits = bytes.dropLast().drop { $0 == UInt8(ascii: " ") }
        return Int(String(decoding: digits, as: UTF8.self)) ?? 0
    }

    /// Notes a step.
    func note(_ step: Int) {
        guard descriptor >= 0 else { return }
        let digits = String(step)
        let text = String(repeating: " ", count: Self.size - 1 - digits.utf8.count) + digits + "\n"
        _ = pwrite(descriptor, text, Self.size, 0)
    }
}
