internal import Foundation

/// A key that signs messages, written `whsec_` and 24 to 64 bytes in Base64. Nothing prints its bytes.
public struct WebhookSecret: Sendable, CustomStringConvertible, CustomReflectable {
    /// How many bytes a secret may have.
    public static let byteCounts = 24...64
    private static let prefix = "whsec_"

    private let key: [UInt8]

    /// Reads a secret.
    ///
    /// - Returns: Nil with the reason, which shows nothing of the text.
    init?(_ text: some StringProtocol, reason: inout String) {
        guard text.hasPrefix(Self.prefix) else {
            reason = "it does not begin with \(Self.prefix)"
            return nil
        }
        guard let bytes = Data(base64Encoded: String(text.dropFirst(Self.prefix.count))) else {
            reason = "what follows \(Self.prefix) is not Base64"
            return nil
        }
        guard Self.byteCounts.contains(bytes.count) else {
            reason = "it has \(bytes.count) bytes"
            return nil
        }
        key = Array(bytes)
    }

    /// The HMAC-SHA256 of a text, in Base64.
    func sign(_ text: some Sequence<UInt8>) -> String {
        Data(SHA256.authenticationCode(of: text, key: key)).base64EncodedString()
    }

    /// The word `secret`.
    public var description: String { "secret" }
    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Signatures by the Standard Webhooks specification, version 1.0.0.
enum WebhookSignature {
    /// The value of the header field `webhook-signature`: `v1,<Base64 of HMAC-SHA256 of id.timestamp.body>`, one for each
    /// secret, parted by spaces.
    static func header(
        id: String, timestampSeconds: Int64, body: some Collection<UInt8>, secrets: [WebhookSecret]
    ) -> String {
        let signed = Array("\(id).\(timestampSeconds).".utf8) + body
        return secrets.map { "v1," + $0.sign(signed) }.joined(separator: " ")
    }
}
