import Foundation

/// A certificate for 127.0.0.1 that nobody else signed, and its key, made by the openssl program.
public struct SelfSignedCertificate {
    /// The program.
    public static let program = "/usr/bin/openssl"
    /// Whether it is there.
    public static var isAvailable: Bool { FileManager.default.isExecutableFile(atPath: program) }

    /// The file of the certificate.
    public let certificate: String
    /// The file of its key.
    public let key: String

    /// Makes one in a folder.
    ///
    /// - Parameter name: What the names of the files begin with.
    public init(folder: String, name: String = "") throws {
        certificate = "\(folder)/\(name)certificate.pem"
        key = "\(folder)/\(name)key.pem"
        let make = Process()
        make.executableURL = URL(filePath: Self.program)
        make.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate,
        ]
        make.standardError = FileHandle.nullDevice
        try make.run()
        make.waitUntilExit()
    }
}
