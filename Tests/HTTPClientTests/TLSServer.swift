import Foundation

/// `openssl s_server` with a certificate of its own for 127.0.0.1.
final class TLSServer {
    static let program = "/usr/bin/openssl"
    static var isAvailable: Bool { FileManager.default.isExecutableFile(atPath: program) }

    let url: String
    let certificate: String
    private let process = Process()

    init?(folder: String) throws {
        certificate = folder + "/certificate.pem"
        let key = folder + "/key.pem"
        let make = Process()
        make.executableURL = URL(filePath: Self.program)
        make.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate,
        ]
        make.standardError = FileHandle.nullDevice
        try make.run()
        make.waitUntilExit()

        process.executableURL = URL(filePath: Self.program)
        process.arguments = ["s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", key, "-www"]
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
