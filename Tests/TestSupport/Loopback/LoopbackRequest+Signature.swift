internal import Crypto
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
            return HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: signed, using: SymmetricKey(data: key))
        }
    }
}
