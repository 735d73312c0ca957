internal import API
internal import Foundation

/// The folder of secrets: a file each, read anew for every attempt, so that a secret rotates without a restart.
///
/// A file holds one secret a line; while a secret rotates it holds the old and the new one, and both sign.
public struct WebhookSecrets: Sendable {
    /// The folder; nil when none is configured.
    public let directory: String?
    private static let limitBytes = 4096

    /// Takes a folder, which need not exist yet.
    public init(directory: String?) { self.directory = directory }

    /// The secrets of a name.
    ///
    /// - Throws: ``WebhookError`` when there is no such file, when others may use it, or when a line is no secret.
    func secrets(named name: String) throws(WebhookError) -> [WebhookSecret] {
        guard let directory else { throw .noSecret(name: name, reason: "has no folder to be looked up in") }
        guard !name.isEmpty, !name.hasPrefix("."), !name.utf8.contains(where: { $0 == 0 || $0 == UInt8(ascii: "/") })
        else { throw .noSecret(name: name, reason: "is no plain file name") }
        let path = directory + "/" + name
        var secrets: [WebhookSecret] = []
        let lines = try Self.read(path, name).split(omittingEmptySubsequences: false) { $0.isNewline }
        for (index, line) in lines.enumerated() {
            let text = line.trimmingCharacters(in: .whitespaces)
            if text.isEmpty { continue }
            var reason = ""
            guard let secret = WebhookSecret(text, reason: &reason) else {
                throw .malformedSecret(path: path, line: index + 1, reason: reason)
            }
            secrets.append(secret)
        }
        guard !secrets.isEmpty else { throw .malformedSecret(path: path, line: 1, reason: "the file is empty") }
        return secrets
    }

    private static func read(_ path: String, _ name: String) throws(WebhookError) -> String {
        let noFile = WebhookError.noSecret(name: name, reason: "is no file of at most \(limitBytes) bytes at \(path)")
        let bytes: [UInt8]
        do {
            bytes = try SecretFile.read(path, most: limitBytes + 1)
        } catch {
            switch error {
            case .unreadable(let reason):
                throw .noSecret(name: name, reason: "cannot be read from \(path): \(reason)")
            case .notRegular: throw noFile
            case .exposed(let mode): throw .exposedSecret(path: path, mode: mode)
            }
        }
        guard bytes.count <= limitBytes else { throw noFile }
        return String(decoding: bytes, as: UTF8.self)
    }
}
