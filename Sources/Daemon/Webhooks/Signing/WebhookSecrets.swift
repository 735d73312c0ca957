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
        // A pipe of that name must not hold the thread.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw .noSecret(name: name, reason: "cannot be read from \(path): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= limitBytes else {
            throw .noSecret(name: name, reason: "is no file of at most \(limitBytes) bytes at \(path)")
        }
        guard status.st_mode & 0o027 == 0 else {
            throw .exposedSecret(path: path, mode: String(status.st_mode & 0o7777, radix: 8))
        }
        var bytes = [UInt8](repeating: 0, count: limitBytes)
        let count = Foundation.read(descriptor, &bytes, limitBytes)
        guard count >= 0 else {
            throw .noSecret(name: name, reason: "cannot be read from \(path): \(String(cString: strerror(errno)))")
        }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
