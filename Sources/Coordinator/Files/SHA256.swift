internal import COpenSSL

/// SHA-256 (FIPS 180-4) of a stream, by OpenSSL, for files whose digest others reckon too.
final class SHA256 {
    private let context: OpaquePointer

    init() {
        let context = EVP_MD_CTX_new()
        // A digest of nothing would pass for one.
        guard let context, EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
            preconditionFailure("OpenSSL has no SHA-256")
        }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Takes bytes.
    func update(_ bytes: UnsafeRawBufferPointer) {
        precondition(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1, "OpenSSL takes no bytes")
    }

    /// The digest of all that was taken, in hexadecimal digits; nothing more is taken then.
    func finish() -> String {
        var digest = [UInt8](repeating: 0, count: 32)
        precondition(EVP_DigestFinal_ex(context, &digest, nil) == 1, "OpenSSL makes no digest")
        return digest.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}
