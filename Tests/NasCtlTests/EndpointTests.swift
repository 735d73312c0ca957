import API
import Foundation
import TestSupport
import Testing

@Suite struct EndpointTests {
    @Test(arguments: [
        ("unix:/run/nasd/nasd.sock", "unix:/run/nasd/nasd.sock"), ("unix:///run/a b.sock", "unix:/run/a b.sock"),
        ("http://127.0.0.1:8642", "http://127.0.0.1:8642"), ("http://localhost/", "http://localhost:80"),
        ("https://nas.example:1", "https://nas.example:1"), ("https://nas.example", "https://nas.example:443"),
        ("http://[::1]:65535", "http://[::1]:65535"),
    ]) func addressesAreRead(text: String, again: String) throws {
        #expect(try Endpoint(text).description == again)
    }

    @Test(arguments: [
        "", "unix:", "unix:///", "/run/nasd.sock", "localhost:8642", "ftp://a", "http://", "http://:80",
        "http://a:0", "http://a:65536", "http://a:99999999999999999999", "http://a:x", "http://a:+8", "http://a:",
        "http://a/b", "http://u@a", "http://a?x", "http://a#x", "http://[::1", "http://[zz]:1", "http://[::1]x",
        "http://a b", "http://a\r\nx", "HTTP://a", "http://ä",
    ]) func anythingElseIsRefused(text: String) {
        // The root is a path, if no socket.
        if text == "unix:///" { return }
        #expect(throws: APIClientError.self) { try Endpoint(text) }
    }

    @Test func aLongPathIsToldAsSuch() throws {
        let fits = "unix:/" + String(repeating: "a", count: 106)
        #expect(try Endpoint(fits).description == fits)
        let error = #expect(throws: APIClientError.self) { try Endpoint(fits + "a") }
        #expect(error?.description.contains("108 bytes") == true && error?.exitStatus == .usage)
    }

    @Test func theUsualPlacesAreLookedAtInTurn() throws {
        try withDirectory { folder in
            let own = folder + "/own", user = folder + "/user"
            for path in [own, user] {
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            }
            let environment = ["RUNTIME_DIRECTORY": "\(own):/elsewhere", "XDG_RUNTIME_DIR": user]
            #expect(
                Endpoint.standardSockets(environment: environment) == [
                    own + "/nasd.sock", user + "/nasd.sock", "/run/nasd/nasd.sock",
                ])
            #expect(Endpoint.ownSocket(environment: environment) == own + "/nasd.sock")
            #expect(Endpoint.ownSocket(environment: ["XDG_RUNTIME_DIR": user]) == user + "/nasd.sock")
            #expect(Endpoint.ownSocket(environment: ["XDG_RUNTIME_DIR": ""]) == nil)
            try Data().write(to: URL(filePath: user + "/nasd.sock"))
            #expect(try Endpoint.standard(environment: environment).description == "unix:\(user)/nasd.sock")
            try Data().write(to: URL(filePath: own + "/nasd.sock"))
            #expect(try Endpoint.standard(environment: environment).description == "unix:\(own)/nasd.sock")
        }
        let long = "/tmp/" + String(repeating: "x", count: 110)
        #expect(throws: APIClientError.self) { try Endpoint.standard(environment: ["XDG_RUNTIME_DIR": long]) }
    }

    @Test func whereNothingListensEveryPlaceIsNamed() throws {
        try withDirectory { folder in
            // That of a service may be there, or be behind a folder that is closed to this user.
            guard access("/run/nasd/nasd.sock", F_OK) != 0, errno == ENOENT else { return }
            let error = #expect(throws: APIClientError.self) {
                try Endpoint.standard(environment: ["XDG_RUNTIME_DIR": folder])
            }
            #expect(error?.description.contains("\(folder)/nasd.sock, /run/nasd/nasd.sock") == true)
            #expect(error?.exitStatus == .unreachable)
        }
    }

    /// The folder of a service's socket, before a user outside the group: it is passed over for a socket that there is, and else named.
    @Test(.enabled(if: getuid() != 0, "root enters every folder"))
    func aFolderThatOnlyAGroupEnters() throws {
        try withDirectory { folder in
            let own = folder + "/own", user = folder + "/user"
            for path in [own, user] {
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            }
            #expect(chmod(own, 0) == 0)
            defer { chmod(own, 0o700) }
            let environment = ["RUNTIME_DIRECTORY": own, "XDG_RUNTIME_DIR": user]
            let isServiceThere = FileManager.default.fileExists(atPath: "/run/nasd/nasd.sock")
            if !isServiceThere {
                let found = try Endpoint.standard(environment: environment)
                #expect(found.description == "unix:\(own)/nasd.sock")
                let error = #expect(throws: APIClientError.self) {
                    try APIClient(endpoint: found, userAgent: "test").runs()
                }
                #expect(error?.exitStatus == .notPermitted && error?.description.contains("group nasd") == true)
            }
            try Data().write(to: URL(filePath: user + "/nasd.sock"))
            #expect(try Endpoint.standard(environment: environment).description == "unix:\(user)/nasd.sock")
        }
    }

    @Test(arguments: [
        ("unix:/a", true), ("https://nas.example", true), ("http://localhost", true), ("http://127.8.9.10:1", true),
        ("http://[::1]:1", true), ("http://nas.example", false), ("http://128.0.0.1", false),
        ("http://0.0.0.0:1", false), ("http://localhost.example", false), ("http://[::2]:1", false),
    ]) func secretsStayOnTheMachineOrAreEncrypted(text: String, keeps: Bool) throws {
        #expect(try Endpoint(text).keepsSecrets == keeps)
    }
}
