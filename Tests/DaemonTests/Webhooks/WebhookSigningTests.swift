import Foundation
import TestSupport
import Testing

@testable import Daemon

@Suite struct WebhookSigningTests {
    private func secret(_ text: String) -> (WebhookSecret?, String) {
        var reason = ""
        let secret = WebhookSecret(text, reason: &reason)
        return (secret, reason)
    }

    /// The example of the Standard Webhooks specification.
    @Test func theSpecificationsExampleIsSignedAlike() throws {
        let secret = try #require(secret(WebhookScene.secretText).0)
        let header = WebhookSignature.header(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestampSeconds: 1_614_265_330,
            body: Array(#"{"test": 2432232314}"#.utf8), secrets: [secret])
        #expect(header == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test(arguments: [23, 24, 64, 65]) func aSecretHas24To64Bytes(count: Int) {
        let text = "whsec_" + Data(repeating: 7, count: count).base64EncodedString()
        #expect((secret(text).0 != nil) == (24...64).contains(count))
    }

    @Test(arguments: ["", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa!w"])
    func anotherTextIsNoSecret(text: String) {
        let (secret, reason) = secret(text)
        #expect(secret == nil && !reason.isEmpty)
        #expect(text.count < 8 || !reason.contains(text.dropFirst(8)))
    }

    @Test func nothingPrintsASecret() throws {
        let secret = try #require(secret(WebhookScene.secretText).0)
        var dumped = ""
        dump(secret, to: &dumped)
        #expect("\(secret)" == "secret" && !dumped.contains("key") && !String(reflecting: secret).contains("key"))
    }

    @Test func aFileMayHoldSeveralSecretsWhileTheyRotate() throws {
        try withDirectory { folder in
            let other = "whsec_" + Data(repeating: 9, count: 32).base64EncodedString()
            try "\(WebhookScene.secretText)\r\n\n  \(other)  \n".write(
                toFile: folder + "/a", atomically: true, encoding: .utf8)
            chmod(folder + "/a", 0o640)
            let secrets = try WebhookSecrets(directory: folder).secrets(named: "a")
            let header = WebhookSignature.header(id: "m", timestampSeconds: 1, body: [1], secrets: secrets)
            #expect(header.split(separator: " ").count == 2)
        }
    }

    @Test func aFileThatOthersMayUseIsRefused() throws {
        try withDirectory { folder in
            let secrets = WebhookSecrets(directory: folder)
            try WebhookScene.secretText.write(toFile: folder + "/a", atomically: true, encoding: .utf8)
            for mode in [mode_t(0o644), 0o620, 0o601, 0o602] {
                chmod(folder + "/a", mode)
                #expect(throws: WebhookError.exposedSecret(path: folder + "/a", mode: String(mode, radix: 8))) {
                    try secrets.secrets(named: "a")
                }
            }
            #expect("\(WebhookError.exposedSecret(path: "/a b", mode: "644"))".hasSuffix("; chmod 600 '/a b'"))
            for mode in [mode_t(0o400), 0o440, 0o600, 0o640] {
                chmod(folder + "/a", mode)
                #expect(throws: Never.self) { try secrets.secrets(named: "a") }
            }
        }
    }

    @Test func aNameNeverLeavesTheFolder() throws {
        try withDirectory { folder in
            try FileManager.default.createDirectory(atPath: folder + "/in", withIntermediateDirectories: true)
            mkfifo(folder + "/in/pipe", 0o600)
            try "".write(toFile: folder + "/in/empty", atomically: true, encoding: .utf8)
            try "whsec_short\n".write(toFile: folder + "/in/bad", atomically: true, encoding: .utf8)
            try String(repeating: "a", count: 5000).write(
                toFile: folder + "/in/long", atomically: true, encoding: .utf8)
            try WebhookScene.secretText.write(toFile: folder + "/out", atomically: true, encoding: .utf8)
            for name in ["out", "in/empty", "in/bad", "in/long"] { chmod(folder + "/" + name, 0o600) }
            let secrets = WebhookSecrets(directory: folder + "/in")
            for name in ["../out", "/out", "", ".", "..", "none", "pipe", "empty", "bad", "long", "a\0b"] {
                #expect(throws: WebhookError.self) { try secrets.secrets(named: name) }
            }
            #expect(throws: WebhookError.self) { try WebhookSecrets(directory: nil).secrets(named: "out") }
        }
    }
}
