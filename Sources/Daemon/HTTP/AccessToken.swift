internal import API
internal import Crypto
internal import Foundation

/// The token of TCP clients, kept as its digest.
struct AccessToken: Sendable {
    private let digest: SHA256.Digest

    /// Reads the token from a file that nobody else may read or change.
    ///
    /// - Throws: ``ConfigurationError``.
    init(file: String) throws {
        func fault(_ message: String, _ hint: String) -> ConfigurationError {
            ConfigurationError([.init(place: file, key: "tokenFile", message: message, hint: hint)])
        }
        let data: [UInt8]
        do {
            data = try SecretFile.read(file, most: 4097)
        } catch {
            switch error {
            case .unreadable(let reason):
                throw fault("cannot be read: \(reason)", "create it, for example with: openssl rand -hex 32")
            case .notRegular: throw fault("is not a regular file", "name a file that holds the token")
            case .exposed: throw fault(SecretFile.exposure, SecretFile.remedy(for: file))
            }
        }
        let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        // Long enough that nobody guesses it however often they try: a right token is never locked out.
        guard text.utf8.count >= 32, text.utf8.count <= 4096 else {
            throw fault(
                "expected a token of 32 to 4096 characters, found \(text.utf8.count)",
                "make one with: openssl rand -hex 32")
        }
        digest = SHA256.hash(data: Data(text.utf8))
    }

    /// Whether a text is the token; takes the same time for every text of one length.
    func matches(_ text: String) -> Bool {
        // Digests of equal length are compared, byte by byte to the end.
        zip(SHA256.hash(data: Data(text.utf8)), digest).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
