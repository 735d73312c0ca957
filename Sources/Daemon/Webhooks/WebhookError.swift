internal import API

/// Why an event cannot be announced to an address.
public enum WebhookError: Error, Sendable, Hashable, CustomStringConvertible {
    /// No secret has the name, or its file cannot be read.
    case noSecret(name: String, reason: String)
    /// The file of a secret may be read by others, or written by its group.
    case exposedSecret(path: String, mode: String)
    /// A line of the file is no secret; its text is not shown.
    case malformedSecret(path: String, line: Int, reason: String)
    /// An entry of the list of permitted hosts and networks is neither.
    case malformedAllowance(entry: String)
    /// The address is not an http or https one.
    case malformedAddress(String)
    /// Plain http to an address that the list does not name.
    case insecureAddress(url: String)
    /// The address is not public and not in the list.
    case addressNotPermitted(url: String, address: String)

    /// What, where and how to mend it.
    public var description: String {
        switch self {
        case .noSecret(let name, let reason):
            "the webhook secret '\(name)' \(reason); put a file of that name in webhook.secretDirectory"
        case .exposedSecret(let path, let mode):
            "\(path), of mode \(mode), \(SecretFile.exposure); \(SecretFile.remedy(for: path))"
        case .malformedSecret(let path, let line, let reason):
            "\(path), line \(line): \(reason); write whsec_ and 24 to 64 random bytes in Base64, one secret a line"
        case .malformedAllowance(let entry):
            "webhook.allow: '\(entry)' is no host name, address or network; write host.example, 10.0.0.5 or 10.0.0.0/8"
        case .malformedAddress(let url):
            "webhook.url: '\(url)' is no http or https address; write it as https://host/path"
        case .insecureAddress(let url):
            "webhook.url: \(url) is plain http; use https, or permit the host or network in webhook.allow"
        case .addressNotPermitted(let url, let address):
            "webhook.url: \(url) leads to \(address), which is no public address; permit it in webhook.allow"
        }
    }
}
