import Foundation
import TestSupport

/// `openssl s_server` with a certificate of its own for 127.0.0.1.
final class TLSServer {
    let url: String
    let certificate: String
    private let process = Process()

    init?(folder: String) throws {
        let identity = try SelfSignedCertificate(folder: folder)
        certificate = identity.certificate

        process.executableURL = URL(filePath: SelfSignedCertificate.program)
        process.arguments = ["s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", identity.key, "-www"]
        let output = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        // It says `ACCEPT 127.0.0.1:PORT` once it listens.
        var text = ""
        while !text.contains("ACCEPT") || !text.hasSuffix("\n") {
            let part = output.fileHandleForReading.availableData
            if part.isEmpty { return nil }
            text += String(decoding: part, as: UTF8.self)
        }
        let port = text.split(separator: "ACCEPT").last?.split(separator: ":").last?.prefix { $0.isNumber } ?? ""
        url = "https://127.0.0.1:\(port)/"
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }
}
