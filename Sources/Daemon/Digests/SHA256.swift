internal import COpenSSL

/// SHA-256 (FIPS 180-4), by OpenSSL.
enum SHA256 {
    static let byteCount = 32

    /// The digest of bytes.
    static func hash(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        let bytes = Array(bytes)
        var digest = [UInt8](repeating: 0, count: byteCount)
        // A digest of zeros would pass for one.
        precondition(nasd_sha256(bytes, bytes.count, &digest) == 1, "OpenSSL has no SHA-256")
        return digest
    }

    /// The HMAC (RFC 2104) of bytes under a key.
    static func authenticationCode(of bytes: some Sequence<UInt8>, key: [UInt8]) -> [UInt8] {
        let bytes = Array(bytes)
        var code = [UInt8](repeating: 0, count: byteCount)
        precondition(nasd_hmac_sha256(key, key.count, bytes, bytes.count, &code) == 1, "OpenSSL has no HMAC-SHA-256")
        return code
    }
}
