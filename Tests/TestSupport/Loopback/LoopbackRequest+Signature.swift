internal import COpenSSL
public import Foundation

extension LoopbackRequest {
    /// Whether it bears a signature by the Standard Webhooks specification.
    public func isSigned(with key: Data) -> Bool {
        guard let id = self["webhook-id"].first, let time = self["webhook-timestamp"].first,
            let signatures = self["webhook-signature"].first
        else { return false }
        let signed = Data("\(id).\(time).".utf8) + Data(body)
        return signatures.split(separator: " ").contains { signature in
            guard signature.hasPrefix("v1,"), let code = Data(base64Encoded: String(signature.dropFirst(3))) else {
                return false
            }
            var own = [UInt8](repeating: 0, count: 32)
            let message = Array(signed), bytes = Array(key)
            return nasd_hmac_sha256(bytes, bytes.count, message, message.count, &own) == 1 && Array(code) == own
        }
    }
}
