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
