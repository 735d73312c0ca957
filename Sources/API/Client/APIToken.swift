internal import Foundation

/// The secret that a daemon asks for on TCP, as a file holds it.
struct APIToken {
    let text: String

    /// Reads the file; white space around the token is dropped.
    init(file path: String) throws(APIClientError) {
        func unusable(_ reason: String) -> APIClientError {
            .unusableFile(path: path, purpose: "token file", reason: reason)
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw unusable("cannot be read; check NAS_CTL_TOKEN_FILE")
        }
        // A header field holds visible ASCII only; anything else could end it early.
        let bytes = Array(data.prefix(4097)).trimmed
        guard !bytes.isEmpty else { throw unusable("is empty; write the daemon's token into it") }
        guard bytes.count <= 4096, bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw unusable("expected one line of at most 4096 visible characters")
        }
        text = String(decoding: bytes, as: UTF8.self)
    }
}

extension [UInt8] {
    /// Without white space at both ends.
    fileprivate var trimmed: ArraySlice<UInt8> {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
        let front = drop(while: isBlank)
        return front.lastIndex { !isBlank($0) }.map { front[...$0] } ?? []
    }
}
