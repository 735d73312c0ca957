/// The secret that a daemon asks for on TCP, as a file holds it.
struct APIToken {
    let text: String

    /// Reads the file, which nobody else may read or change; white space around the token is dropped.
    init(file path: String) throws(APIClientError) {
        func unusable(_ reason: String) -> APIClientError {
            .unusableFile(path: path, purpose: "token file", reason: reason)
        }
        let file: [UInt8]
        do {
            file = try SecretFile.read(path, most: 4097, acceptsPipe: true)
        } catch {
            switch error {
            case .unreadable(let reason): throw unusable("cannot be read: \(reason); check NAS_CTL_TOKEN_FILE")
            case .notRegular: throw unusable("is not a regular file; check NAS_CTL_TOKEN_FILE")
            case .exposed: throw unusable("\(SecretFile.exposure); \(SecretFile.remedy(for: path))")
            }
        }
        // A header field holds visible ASCII only; anything else could end it early.
        let bytes = file.trimmed
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
